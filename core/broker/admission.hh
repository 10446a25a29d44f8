// admission.hh -- what a local user hands in becomes an entry of the spool: judged and stamped.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hh"
#include "base/report.hh"
#include "base/result.hh"
#include "broker/spool_entry.hh"

namespace sheepdog {

/// A local user. Root and the daemon's own user are privileged: they may report for any host.
struct Sender {
  std::uint32_t uid = 0;
  bool privileged = false;
};

Sender sender_of(std::uint32_t uid);

struct Admission {
  SpoolEntry entry;
  Result<> verdict;  ///< the error that makes entry a dead letter
  Report report;     ///< as it was read, where the verdict is good
};

/// Reads LINE. What it leaves out (id, time, host) is filled in, the id from DERIVE_FROM; unless
/// SENDER is privileged, the host is HOST and the uid is stamped. What cannot be read, or names
/// another host or a plugin that is not for users (denied), becomes a dead letter, never nothing.
Admission admit(std::string_view line, const Sender& sender, const std::string& host,
                std::string_view derive_from, Micros arrival);

/// The dead letter for something of SENDER that cannot be read, and why; BYTES may be its
/// beginning.
Admission refuse(std::string_view bytes, Error why, const Sender& sender, Micros arrival);

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
