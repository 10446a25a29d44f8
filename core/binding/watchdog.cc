// watchdog.cc -- ends a step of a plugin that holds the loop for too long.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "binding/watchdog.hh"

#include <csignal>

#include <algorithm>
#include <chrono>

namespace sheepdog::binding {

namespace {

constexpr Micros longest_interval = 100'000;

}  // namespace

Watchdog::Watchdog(SCM loop_thread, SCM abort, Micros limit)
    : loop_thread_(loop_thread), abort_(abort), limit_(limit) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  // The collector stops threads by these two.
  sigdelset(&all, SIGPWR);
  sigdelset(&all, SIGXCPU);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { watch(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  // Guile opens files for a thread that it sees for the first time; from now on there is no need to.
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return known_; });
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Watchdog::set_limit(Micros limit) {
  {
    const std::lock_guard lock(mutex_);
    limit_ = limit;
    changed_ = true;
  }
  wake_.notify_one();
}

void Watchdog::wake() {
  {
    const std::lock_guard lock(mutex_);
    asleep_ = false;
  }
  wake_.notify_one();
}

void Watchdog::watch() {
  scm_with_guile([](void*) -> void* { return nullptr; }, nullptr);
  {
    const std::lock_guard known(mutex_);
    known_ = true;
  }
  wake_.notify_one();
  std::uint64_t seen = 0;
  int looks = 0;
  std::unique_lock lock(mutex_);
  while (!stop_) {
    // A step is caught after between one LIMIT and one INTERVAL more.
    const Micros interval = std::min(limit_ / 4, longest_interval);
    changed_ = false;
    wake_.wait_for(lock, std::chrono::microseconds(interval), [this] { return stop_ || changed_; });
    if (changed_) {
      seen = 0;
      looks = 0;
    }
    const auto now = step_.load();
    if (now == 0 && seen == 0) {
      // Nothing runs: sleep until begin() says otherwise. It looks at asleep_ after it has set the
      // step, and we look at the step after asleep_, so one of the two sees the other.
      asleep_ = true;
      if (step_.load() == 0) wake_.wait(lock, [this] { return stop_ || !asleep_; });
      asleep_ = false;
    } else if (now == 0 || now != seen) {
      seen = now;
      looks = 0;
    } else if (++looks >= (limit_ + interval - 1) / interval) {
      looks = 0;  // one that goes on all the same is marked again
      late_.store(now, std::memory_order_relaxed);
      lock.unlock();
      scm_with_guile(
          [](void* self) -> void* {
            static_cast<Watchdog*>(self)->mark();
            return nullptr;
          },
          this);
      lock.lock();
    }
  }
}

void Watchdog::mark() { scm_system_async_mark_for_thread(abort_.get(), loop_thread_.get()); }

}  // namespace sheepdog::binding
