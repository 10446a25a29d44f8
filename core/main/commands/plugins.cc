// plugins.cc -- the plugins there are.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

Command declare_plugins() {
  return {
      .name = "plugins",
      .summary = "Show the plugins there are, or one with its options",
      .description = {},
      .options = {json_option(),
                  config_option("Show the plugins of your own that this configuration names, too."),
                  unused_dir_option()},
      .positionals = {{.name = "name",
                       .value = "NAME",
                       .help = "Show this plugin, its options and their defaults.",
                       .listed_by = "plugins"}},
      .examples = {{"sheepdog plugins disk", "What can be set for the disk monitor?"}},
  };
}

}  // namespace sheepdog::cli
