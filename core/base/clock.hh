// clock.hh -- the two clocks: UTC for what is stored, monotonic for waiting.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace sheepdog {

/// Microseconds since the epoch, UTC; the unit of every stored time.
using Micros = std::int64_t;

constexpr Micros micros_per_second = 1'000'000;

/// Injected wherever time is read, so that no test waits for real seconds.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Micros now() const = 0;        ///< UTC; may jump
  virtual Micros monotonic() const = 0;  ///< never goes back; origin unspecified
};

class SystemClock final : public Clock {
 public:
  Micros now() const override;
  Micros monotonic() const override;
};

}  // namespace sheepdog
