// spool_entry.hh -- what is put into a spool.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hh"

namespace sheepdog {

struct Report;

/// What an entry says about a run that somebody watches.
enum class RunMark : std::uint8_t {
  none,
  opens,    ///< from now on the run is open, until an entry closes it
  closes,   ///< the run ended
  vanishes  ///< accepted only if the run is still open, and closes it
};

struct SpoolEntry {
  std::string body;                  ///< a report as it travels, or the beginning of something bad
  std::string fault;                 ///< why it is a dead letter; empty for a report
  bool success = false;              ///< goes first where there is no room
  std::optional<std::uint32_t> uid;  ///< whose quota it counts against
  Micros arrival = 0;
  RunMark mark = RunMark::none;
  std::string run;                   ///< which one, where mark is not none
  std::string opening;               ///< where it opens the run: what is remembered of it
};

/// Bytes that ENTRY counts against a quota before it is in the spool.
inline std::size_t held_size(const SpoolEntry& entry) {
  return entry.body.size() + (entry.mark == RunMark::opens ? entry.opening.size() : 0);
}

/// A run whose end is still due.
struct OpenRun {
  std::string run;
  std::optional<std::uint32_t> uid;
  std::string opening;  ///< what its entry said
};

constexpr std::size_t dead_letter_limit = 65536;  ///< bytes of something bad that are kept

/// REPORT, made by this program itself or already judged, as an entry.
SpoolEntry spool_entry(const Report& report, Micros arrival);

}  // namespace sheepdog
