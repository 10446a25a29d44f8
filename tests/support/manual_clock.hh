// manual_clock.hh -- a clock that stands still until told.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.hh"

namespace sheepdog::testing {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Micros now) : now_(now) {}
  Micros now() const override { return now_; }
  Micros monotonic() const override { return monotonic_; }
  void advance(Micros step) {
    now_ += step;
    monotonic_ += step;
  }
  /// Move UTC alone, as an administrator or NTP does.
  void jump(Micros step) { now_ += step; }

 private:
  Micros now_;
  Micros monotonic_ = 0;
};

}  // namespace sheepdog::testing
