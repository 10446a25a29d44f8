// steady_time.hh -- the times of news never go back, whatever is done to the machine's clock.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/report.hh"

namespace sheepdog {

/// What happens now must count as the newest that is known. Where the clock is set back, its times
/// are those of what was stored long before: a service that fails would go on to be ok until the
/// clock has caught up. So until then news get times just after the newest in the store.
class SteadyTime {
 public:
  SteadyTime() = default;
  /// NEWEST is the newest time in the store; 0: there is none.
  explicit SteadyTime(Micros newest) : newest_(newest), clock_(newest - skew_limit) {}

  /// When REPORT happened, as the store is to have it; the clock says that it is ARRIVAL.
  Micros of(const Report& report, Micros arrival);

 private:
  Micros newest_ = 0;
  Micros clock_ = 0;  ///< the latest that it surely has said
  bool behind_ = false;
};

}  // namespace sheepdog
