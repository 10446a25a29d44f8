// duration.hh -- lengths of time as people write them: 90s, 5m, 6h, 2d.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hh"
#include "base/result.hh"

namespace sheepdog {

/// Reads one or more NUMBER UNIT pairs ("90s", "1h30m", "0.5s"), units ms s m h d w; a bare number
/// is seconds. Never negative. Error: invalid, with what would be right.
Result<Micros> parse_duration(std::string_view text);

/// The two largest units of DURATION: "6h 2m", "1.4s", "12ms", "under 1ms".
std::string format_duration(Micros duration);

}  // namespace sheepdog
