// send.hh -- hand in one report, as a command.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "base/report.hh"
#include "main/cli.hh"

namespace sheepdog {

/// The reports that the command line asks for: one, or two where it carries a status and facts.
/// Ids are not set. Error: invalid.
Result<std::vector<Report>> reports_to_send(const cli::Parsed& parsed, Micros now);

/// Returns the exit status: 0 accepted, 2 usage, 3 not accepted.
int send(const cli::Parsed& parsed);

}  // namespace sheepdog
