// run_options.hh -- what `sheepdog run` was asked to do.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hh"
#include "base/result.hh"
#include "main/cli.hh"
#include "main/front/redact.hh"

namespace sheepdog {

enum class Overlap { skip, wait, fail };

struct RunOptions {
  std::vector<std::string> argv;
  std::string service;
  std::string broker;
  std::string state_dir;
  std::string inform;
  bool on_error = false;
  bool quiet = false;
  bool report_output = true;
  Micros timeout = 0;
  Micros kill_after = 10 * micros_per_second;
  std::optional<std::string> lock;
  Overlap overlap = Overlap::skip;
  int retries = 0;
  Micros backoff = micros_per_second;
  std::set<int> ok{0};
  std::set<int> warning;
  Redactor redactor;
  Micros renewal = 60 * micros_per_second;  ///< between two renewals of a lease of three times that
};

/// Error: invalid, one line that says what would be right.
Result<RunOptions> run_options(const cli::Parsed& parsed);

/// The base name of the program that the shell command TEXT begins with; "sh" where that is unclear.
std::string program_of(std::string_view text);

}  // namespace sheepdog
