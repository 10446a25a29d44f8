// watchdog.hh -- ends a step of a plugin that holds the loop for too long.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "base/clock.hh"
#include "binding/guile.hh"

namespace sheepdog::binding {

/// A thread that looks a few times a second whether the same step is still running. Where one has
/// run for LIMIT, it marks an async on the loop's thread, which leaves the step; where that goes on
/// nevertheless, again after each further LIMIT.
/// begin() and end() cost an atomic store each; while no step runs the thread sleeps.
class Watchdog {
 public:
  /// ABORT is a thunk, called on the loop's thread inside the step; it leaves it.
  Watchdog(SCM loop_thread, SCM abort, Micros limit);
  ~Watchdog();

  /// From now on LIMIT, for a step that begins after this.
  void set_limit(Micros limit);
  bool calls(SCM abort) const { return scm_is_eq(abort_.get(), abort); }

  void begin() {
    step_.store(++last_);
    if (asleep_) wake();
  }
  void end() { step_.store(0, std::memory_order_relaxed); }

  /// True where the step that is running was marked; asked by ABORT, as a step may end meanwhile.
  bool is_late() const {
    const auto now = step_.load(std::memory_order_relaxed);
    return now != 0 && now == late_.load(std::memory_order_relaxed);
  }

 private:
  void wake();
  void watch();
  void mark();

  Kept loop_thread_;
  Kept abort_;
  Micros limit_;  ///< under mutex_
  std::uint64_t last_ = 0;
  std::atomic<std::uint64_t> step_{0};  ///< the running step, or 0 between steps
  std::atomic<std::uint64_t> late_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  bool known_ = false;    ///< to Guile
  bool changed_ = false;  ///< limit_ is another one
  std::atomic<bool> asleep_{false};  ///< the thread waits for begin(), without looking
  std::thread thread_;
};

}  // namespace sheepdog::binding
