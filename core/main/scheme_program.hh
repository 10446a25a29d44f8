// scheme_program.hh -- a program whose work is a Scheme module.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "main/cli.hh"

namespace sheepdog {

/// Starts Guile, calls (main OPTIONS) of MODULE ("sheepdog daemon") and returns its exit status.
/// OPTIONS is an alist from symbols to what was given, with `command` first. Modules are looked for
/// in the tree that this program is in, so that it runs installed and from the build tree.
int run_scheme_program(const cli::Parsed& parsed, const char* module);

}  // namespace sheepdog
