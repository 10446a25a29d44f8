// clock.cc -- the system's clocks.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/clock.hh"

#include <ctime>

namespace sheepdog {

namespace {

Micros read(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return static_cast<Micros>(t.tv_sec) * micros_per_second + t.tv_nsec / 1000;
}

}  // namespace

Micros SystemClock::now() const { return read(CLOCK_REALTIME); }
Micros SystemClock::monotonic() const { return read(CLOCK_MONOTONIC); }

}  // namespace sheepdog
