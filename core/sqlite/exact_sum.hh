// exact_sum.hh -- a sum of numbers that is rounded once.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace sheepdog {

/// Adds up numbers, whole and real, without error: the sum does not depend on their order, nor on what
/// becomes of it on the way.
class ExactSum {
 public:
  void add(std::int64_t number);
  void add(double number);

  std::int64_t count() const { return count_; }

  /// The sum where all numbers were whole and it has 64 bits, else nothing.
  std::optional<std::int64_t> whole() const;

  /// The sum, rounded to the nearest double; infinite, or no number, where it went beyond all of them.
  double real() const;

 private:
  // A number of the compiler's own; 2^64 of the largest ones would overflow it.
  __extension__ using Wide = __int128;

  Wide whole_ = 0;
  std::vector<double> parts_;  ///< of the real numbers: their sum, no two of them overlap, smallest first
  bool all_whole_ = true;
  std::int64_t count_ = 0;
};

}  // namespace sheepdog
