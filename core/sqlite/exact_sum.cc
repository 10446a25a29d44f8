// exact_sum.cc -- a sum of numbers that is rounded once.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Real numbers are kept as parts that do not overlap, whose sum is exactly theirs: Shewchuk, "Adaptive
// precision floating-point arithmetic and fast robust geometric predicates", 1997.
#include "sqlite/exact_sum.hh"

#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

namespace sheepdog {

namespace {

void add_to(std::vector<double>& parts, double number) {
  std::size_t kept = 0;
  for (double part : parts) {
    if (std::fabs(number) < std::fabs(part)) std::swap(number, part);
    const double sum = number + part;
    const double rest = part - (sum - number);
    if (rest != 0) parts[kept++] = rest;
    number = sum;
  }
  parts.resize(kept);
  parts.push_back(number);
}

double rounded(const std::vector<double>& parts) {
  if (parts.empty()) return 0;
  std::size_t n = parts.size() - 1;
  double sum = parts[n];
  double rest = 0;
  while (n > 0 && rest == 0) {
    const double before = sum;
    const double part = parts[--n];
    sum = before + part;
    rest = part - (sum - before);
  }
  // Half way between two doubles, what is left below says which is nearer.
  if (n > 0 && ((rest < 0) == (parts[n - 1] < 0))) {
    const double twice = 2 * rest;
    const double other = sum + twice;
    if (other - sum == twice) sum = other;
  }
  return sum;
}

}  // namespace

void ExactSum::add(std::int64_t number) {
  ++count_;
  whole_ += number;
}

void ExactSum::add(double number) {
  ++count_;
  all_whole_ = false;
  add_to(parts_, number);
}

std::optional<std::int64_t> ExactSum::whole() const {
  if (!all_whole_ || whole_ < std::numeric_limits<std::int64_t>::min() ||
      whole_ > std::numeric_limits<std::int64_t>::max())
    return std::nullopt;
  return static_cast<std::int64_t>(whole_);
}

double ExactSum::real() const {
  if (parts_.empty()) return static_cast<double>(whole_);
  std::vector<double> parts = parts_;
  // Pieces of 32 bits are doubles, however large they are together.
  Wide left = whole_;
  for (double scale = 1; left != 0; scale *= 4294967296.0) {
    const auto piece = static_cast<std::uint32_t>(left & 0xffffffff);
    const bool last = scale >= 4294967296.0 * 4294967296.0;  // the upper half, with its sign
    add_to(parts, (last ? static_cast<double>(left) : static_cast<double>(piece)) * scale);
    left = last ? 0 : left >> 32;
  }
  return rounded(parts);
}

}  // namespace sheepdog
