// exact_sum.cc -- a sum of numbers that is rounded once.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Real numbers are added up in a number with a fixed point that is as wide as doubles are: Kulisch,
// "Computer Arithmetic and Validity", 2008.
#include "sqlite/exact_sum.hh"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>

namespace sheepdog {

namespace {

constexpr double two_to_53 = 9007199254740992.0;
constexpr double two_to_63 = 9223372036854775808.0;

// The place of the last bit of the least double is 0.
constexpr int least_exponent = -1074;

}  // namespace

std::optional<std::int64_t> as_whole(double number) {
  if (!(number >= -two_to_63 && number < two_to_63) || number != std::trunc(number)) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::optional<std::int64_t> as_millionths(double number) {
  const double millionths = std::nearbyint(number * 1e6);
  if (!(std::fabs(millionths) < two_to_53) || millionths / 1e6 != number) return std::nullopt;
  return static_cast<std::int64_t>(millionths);
}

void ExactSum::add(std::int64_t number) {
  ++count_;
  whole_ += number;
  millionths_ += static_cast<Wide>(number) * 1000000;
}

void ExactSum::add(double number) {
  if (const auto whole = as_whole(number)) return add(*whole);
  ++count_;
  all_whole_ = false;
  if (const auto millionths = as_millionths(number)) millionths_ += *millionths;
  else all_millionths_ = false;
  add_to(bits_, number);
  // So many more, and the 64 bits of one of these could be too few.
  if (++carried_ == (std::int64_t{1} << 28)) {
    carried_ = 0;
    for (std::size_t n = 0; n + 1 < bits_.size(); ++n) {
      bits_[n + 1] += bits_[n] >> 32;
      bits_[n] &= 0xffffffff;
    }
  }
}

void ExactSum::add_to(Bits& bits, double number) {
  const auto pattern = std::bit_cast<std::uint64_t>(number);
  const auto exponent = static_cast<int>((pattern >> 52) & 0x7ff);
  std::uint64_t digits = pattern & ((std::uint64_t{1} << 52) - 1);
  if (exponent != 0) digits |= std::uint64_t{1} << 52;
  const int place = exponent == 0 ? 0 : exponent - 1;
  const std::int64_t sign = std::signbit(number) ? -1 : 1;
  __extension__ using Wider = unsigned __int128;
  Wider shifted = static_cast<Wider>(digits) << (place % 32);
  for (auto n = static_cast<std::size_t>(place / 32); shifted != 0; ++n, shifted >>= 32)
    bits[n] += sign * static_cast<std::int64_t>(static_cast<std::uint32_t>(shifted));
}

double ExactSum::rounded(Bits bits) {
  const auto carry = [&bits] {
    for (std::size_t n = 0; n + 1 < bits.size(); ++n) {
      bits[n + 1] += bits[n] >> 32;
      bits[n] &= 0xffffffff;
    }
  };
  carry();
  const bool negative = bits.back() < 0;
  if (negative) {
    for (auto& part : bits) part = -part;
    carry();
  }
  std::size_t top = bits.size() - 1;
  while (top > 0 && bits[top] == 0) --top;
  if (bits[top] == 0) return 0;
  const auto bit = [&bits](int place) {
    return place >= 0 && ((bits[static_cast<std::size_t>(place / 32)] >> (place % 32)) & 1) != 0;
  };
  const auto width = std::bit_width(static_cast<std::uint64_t>(bits[top]));
  const int first = static_cast<int>(top) * 32 + static_cast<int>(width) - 1;
  const int last = std::max(first - 52, 0);
  std::uint64_t digits = 0;
  for (int place = first; place >= last; --place) digits = digits << 1 | (bit(place) ? 1 : 0);
  if (bit(last - 1)) {
    bool more = (digits & 1) != 0;
    for (int place = last - 2; !more && place >= 0; --place) more = bit(place);
    if (more) ++digits;
  }
  const double number = std::ldexp(static_cast<double>(digits), last + least_exponent);
  return negative ? -number : number;
}

std::optional<std::int64_t> ExactSum::whole() const {
  if (!all_whole_ || whole_ < std::numeric_limits<std::int64_t>::min() ||
      whole_ > std::numeric_limits<std::int64_t>::max())
    return std::nullopt;
  return static_cast<std::int64_t>(whole_);
}

double ExactSum::real() const {
  if (all_whole_) return static_cast<double>(whole_);
  if (all_millionths_) {
    const auto millionths = static_cast<double>(millionths_);
    if (std::fabs(millionths) < two_to_53) return millionths / 1e6;
  }
  Bits bits = bits_;
  // Pieces of 32 bits are doubles, however large they are together.
  Wide left = whole_;
  for (double scale = 1; left != 0; scale *= 4294967296.0) {
    const bool last = scale > 4294967296.0;  // the upper half, with its sign
    add_to(bits, (last ? static_cast<double>(left) : static_cast<double>(left & 0xffffffff)) * scale);
    left = last ? 0 : left >> 32;
  }
  return rounded(bits);
}

}  // namespace sheepdog
