// run_report.hh -- what `sheepdog run` tells about a run.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/report.hh"
#include "process/capture.hh"
#include "process/child.hh"

namespace sheepdog {

/// What is known when a run starts. Redacted already.
struct RunIdentity {
  Uuid run;
  std::string service;
  std::vector<std::string> argv;
  std::string user;
  std::string directory;
  std::string inform;
  Micros started = 0;
};

enum class RunOutcome { succeeded, failed, timed_out, cancelled };

/// How a run ended, over all attempts.
struct RunResult {
  RunOutcome outcome = RunOutcome::succeeded;
  Status status = Status::ok;
  std::optional<ChildEnd> last;  ///< of the last attempt; none where the command never started
  std::string reason;            ///< why it never started: skipped, cancelled while waiting
  int cancel_signal = 0;         ///< what the wrapper was told, where that ended it
  int attempts = 0;
  Micros duration = 0;
  Micros user_cpu = 0;
  Micros system_cpu = 0;
  std::int64_t peak_memory = 0;
};

/// What is kept of one output; BYTES counts what the command wrote, before anything was redacted.
struct RunOutput {
  Capture capture;
  std::uint64_t bytes = 0;
};

/// PHASE is "start" or "renew"; LEASE in seconds where no daemon watches over the run.
Report open_report(const RunIdentity& identity, const char* phase, std::optional<double> lease);

/// Without OUT and ERR where the output is not to be told.
Report end_report(const RunIdentity& identity, const RunResult& result, const RunOutput* out,
                  const RunOutput* err);

/// "exit 3 after 12s: disk is full", LAST_LINES being where the last words are taken from.
std::string run_summary(const RunResult& result, std::string_view last_lines);

/// {"text" or "base64", "bytes", "omitted", "gap"}: gap says after how many characters (of a text)
/// or bytes (of base64) something was left out.
Json output_json(const RunOutput& output);

}  // namespace sheepdog
