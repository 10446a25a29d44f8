// history.cc -- what was reported.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

Command declare_history() {
  return {
      .name = "history",
      .summary = "Show what was reported",
      .description = "Lists reports, the newest last.",
      .options =
          {
              {"since", 0, Kind::text, "TIME",
               "Only from TIME on: a length of time before now (7d) or a date (2026-01-31)."},
              {"failed", 0, Kind::flag, {}, "Only reports that are not ok."},
              {"limit", 'n', Kind::integer, "N", "At most N reports. Default: 50.", {}, false, 1},
              json_option(),
              csv_option(),
              store_dir_option(),
          },
      .positionals = {{"service", "[HOST/]SERVICE", "Only of this service; HOST/ for a host."}},
      .examples =
          {
              {"sheepdog history backup --failed --since 30d", "When did the backup fail?"},
              {"sheepdog history web1/ -n 10", "The last ten reports about a host."},
          },
      .exclusive = {{.names = {"json", "csv"}}},
  };
}

}  // namespace sheepdog::cli
