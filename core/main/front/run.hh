// run.hh -- the wrapper: run a command as it would run without us, and tell how it went.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "main/front/run_options.hh"

namespace sheepdog {

/// Runs the command and reports it; returns the exit status, which is the command's own. Takes over
/// the process: its signals, and its standard output once the command is over.
int run(RunOptions options);

}  // namespace sheepdog
