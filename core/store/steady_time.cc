// steady_time.cc -- the times of news never go back, whatever is done to the machine's clock.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/steady_time.hh"

#include <algorithm>

#include "base/duration.hh"
#include "base/log.hh"

namespace sheepdog {

namespace {

/// A step back by less, as clocks that are kept in time make, puts nothing into a wrong order that
/// matters.
constexpr Micros tolerance = micros_per_second;

}  // namespace

Micros SteadyTime::of(const Report& report, Micros arrival) {
  const Micros behind = clock_ - arrival;
  if (behind > tolerance && !behind_)
    log::warning("the clock was set back by {}: until it has caught up, what happens is stored as "
                 "just after the newest that is known",
                 format_duration(behind - behind % micros_per_second));
  if (behind <= 0 && behind_) log::notice("the clock has caught up with the store");
  behind_ = behind > (behind_ ? 0 : tolerance);
  clock_ = std::max(clock_, arrival);
  // What is late, or history from elsewhere, has its place in the past.
  const bool news = !report.imported && report.time > arrival - skew_limit;
  const Micros time = behind_ && news && report.time <= newest_ ? newest_ + 1 : report.time;
  newest_ = std::max(newest_, time);
  return time;
}

}  // namespace sheepdog
