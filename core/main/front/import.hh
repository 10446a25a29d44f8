// import.hh -- read history from elsewhere, as a command.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "main/cli.hh"

namespace sheepdog {

/// Returns the exit status: 0 all accepted, 1 some lines were left out, 2 no such file, 3 not all
/// accepted.
int import_reports(const cli::Parsed& parsed);

}  // namespace sheepdog
