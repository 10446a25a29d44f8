// intervals.hh -- maximal runs of equal value, and what a late observation changes in them.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// A subject (a service, a fact of a host) is observed at points of time. Late, an observation
// changes the runs between its two neighbours and no others, so these are all that is rewritten.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hh"

namespace sheepdog {

/// What was observed at a time, by which report.
template <typename T>
struct Point {
  Micros time = 0;
  std::int64_t report_id = 0;
  T value{};
};

template <typename T>
struct Interval {
  Micros since = 0;
  std::optional<Micros> until;
  std::int64_t report_id = 0;  ///< that began it
  T value{};
  bool judged = false;
  bool operator==(const Interval&) const = default;
};

/// The runs that POINTS make, in the order of time; the last one holds until END.
template <typename T>
std::vector<Interval<T>> runs_of(const std::vector<Point<T>>& points, std::optional<Micros> end) {
  std::vector<Interval<T>> runs;
  for (const auto& point : points) {
    if (!runs.empty() && runs.back().value == point.value) continue;
    if (!runs.empty()) runs.back().until = point.time;
    runs.push_back({point.time, end, point.report_id, point.value, false});
  }
  return runs;
}

}  // namespace sheepdog
