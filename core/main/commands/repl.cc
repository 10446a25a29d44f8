// repl.cc -- Guile with the store at hand.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

Command declare_repl() {
  return {
      .name = "repl",
      .summary = "Open Guile with the store at hand",
      .description = "Opens Guile with the store open for reading and the relations at hand, those of "
                     "your own too; ,questions lists the questions that have names, ,ask asks one, "
                     "and ,why shows besides what made each answer true. "
                     "On a terminal names are completed and lines are kept in ~/.sheepdog_history, "
                     "where Guile has readline. With "
                     "--daemon it talks to the living program, between its turns: an error there "
                     "harms nothing, but one that takes long holds the daemon up, and is ended "
                     "after 5 seconds. "
                     "Geiser can connect to the same socket, \"repl\" in the state directory.",
      .options =
          {
              {"daemon", 0, Kind::flag, {}, "Talk to the living daemon of the state directory."},
              {"queue-daemon", 0, Kind::flag, {}, "Likewise to its queue daemon."},
              store_dir_option(),
          },
      .positionals = {},
      .examples = {{"sheepdog repl", "Ask questions one after another."},
                   {"sheepdog repl --daemon", "Look into the running daemon."}},
      .exclusive = {{.names = {"daemon", "queue-daemon"}}},
  };
}

}  // namespace sheepdog::cli
