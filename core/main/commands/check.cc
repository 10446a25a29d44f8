// check.cc -- is this configuration right?
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

Command declare_check() {
  return {
      .name = "check",
      .summary = "Check a configuration without starting anything",
      .description = "Says what is wrong with file, line and column, and exits with 2; else exits "
                     "with 0.",
      .options = {unused_dir_option()},
      .positionals = {{"file", "FILE", "The configuration.", true, false, false, Kind::file}},
      .examples = {{"sheepdog check server-config.scm", "Before a reload."}},
  };
}

}  // namespace sheepdog::cli
