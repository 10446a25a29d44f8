// watched_run.hh -- runs that are watched: what reports say of them, and that one vanished.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hh"
#include "base/report.hh"
#include "broker/spool_entry.hh"

namespace sheepdog {

/// What a report of plugin run says of its run.
struct RunPhase {
  std::string run;
  std::string phase;   ///< "start", "renew", "end" ...
  std::string inform;  ///< whom to inform; may be empty
};

/// Nothing where REPORT is of another plugin, or names no run or no phase.
std::optional<RunPhase> phase_of(const Report& report);

/// What is known of a run whose wrapper is watched.
struct WatchedRun {
  std::string run;
  std::string host;
  std::string service;
  std::optional<std::uint32_t> uid;
  Micros since = 0;
  std::string inform;  ///< whom its wrapper was told to inform; may be empty
};

/// The run that REPORT opens, if it is the start of one.
std::optional<WatchedRun> opened_run(const Report& report);

/// RUN as text for a spool to remember, and back; nothing where TEXT is something else.
std::string opening_of(const WatchedRun& run);
std::optional<WatchedRun> read_opening(std::string_view text);

/// The report that RUN vanished: its wrapper is gone and has not said how it ended. Counts only
/// while the run is open.
SpoolEntry vanished(const WatchedRun& run, Micros now);

}  // namespace sheepdog
