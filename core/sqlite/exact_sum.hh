// exact_sum.hh -- a sum of numbers that is rounded once.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace sheepdog {

/// NUMBER as a whole one of 64 bits, where it is one.
std::optional<std::int64_t> as_whole(double number);

/// NUMBER in millionths, where it is the double nearest to so many of them and these have 53 bits: as all
/// times and lengths of time are, and whatever people write with up to six digits behind the point.
std::optional<std::int64_t> as_millionths(double number);

/// Adds up numbers, whole and real, without error: the sum does not depend on their order, nor on what
/// becomes of it on the way.  Where all of them are millionths it is theirs, so 0.1 and 0.2 make 0.3.
class ExactSum {
 public:
  void add(std::int64_t number);
  void add(double number);  ///< a finite one

  std::int64_t count() const { return count_; }

  /// The sum where all numbers were whole and it has 64 bits, else nothing.
  std::optional<std::int64_t> whole() const;

  /// The sum, rounded to the nearest double; infinite where it is beyond all of them.
  double real() const;

 private:
  // A number of the compiler's own; 2^40 of the largest ones, in millionths, would overflow it.
  __extension__ using Wide = __int128;

  // The bits of doubles from the least to the greatest, 32 in each of these, and room for carries.
  using Bits = std::array<std::int64_t, 68>;
  static void add_to(Bits& bits, double number);
  static double rounded(Bits bits);

  Wide whole_ = 0;              ///< of the whole numbers
  Wide millionths_ = 0;         ///< of all numbers
  Bits bits_{};                 ///< of those that are not whole
  std::int64_t carried_ = 0;    ///< so many were added to these
  std::int64_t count_ = 0;
  bool all_whole_ = true;
  bool all_millionths_ = true;
};

}  // namespace sheepdog
