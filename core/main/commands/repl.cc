// repl.cc -- Guile with the store at hand.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

Command declare_repl() {
  return {
      .name = "repl",
      .summary = "Open Guile with the store at hand",
      .description = {},
      .options =
          {
              {"daemon", 0, Kind::flag, {}, "Talk to the living daemon of the state directory."},
              state_dir_option(),
          },
      .positionals = {},
      .examples = {{"sheepdog repl", "Ask questions one after another."},
                   {"sheepdog repl --daemon", "Look into the running daemon."}},
  };
}

}  // namespace sheepdog::cli
