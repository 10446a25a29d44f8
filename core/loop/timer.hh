// timer.hh -- call back after a while, on the monotonic clock.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "base/clock.hh"
#include "loop/loop.hh"

namespace sheepdog {

class Timer {
 public:
  explicit Timer(Loop& loop);

  /// Call F once after DELAY; replaces what was set before.
  void once(Micros delay, std::function<void()> f);
  /// Call F every PERIOD, first after one PERIOD.
  void every(Micros period, std::function<void()> f);
  void stop();
  bool is_active() const;
  /// Let the loop end although this timer is set.
  void unref();

 private:
  void start(Micros delay, Micros period, std::function<void()> f);
  Handle<uv_timer_t, std::function<void()>> handle_;
};

}  // namespace sheepdog
