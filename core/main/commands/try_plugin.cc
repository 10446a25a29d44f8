// try_plugin.cc -- run a plugin once, without daemon and store.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

Command declare_try_plugin() {
  return {
      .name = "try-plugin",
      .summary = "Run a plugin once and show what comes of it",
      .description = "Runs the monitor once and shows its reports and what its receiver makes of "
                     "them, without daemon, broker or store. One that needs two rounds to have "
                     "something to compare gets a second one.\n\nVALUE is Scheme, such as 85 or "
                     "'(\"tmpfs\" \"overlay\")', a length of time such as 5m, or plain text.",
      .options =
          {
              {"option", 'o', Kind::texts, "KEY=VALUE",
               "Set an option of the plugin. May be given several times."},
              json_option(),
              unused_dir_option(),
          },
      .positionals = {{"file", "FILE", "The plugin's file, or the name of one that comes with "
                       "Sheepdog.", true, false, false, Kind::file}},
      .examples = {{"sheepdog try-plugin ./raid.scm --option warning=1", "Try a plugin of yours."},
                   {"sheepdog try-plugin disk", "See what the disk monitor sees."}},
  };
}

}  // namespace sheepdog::cli
