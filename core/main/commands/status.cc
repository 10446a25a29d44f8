// status.cc -- how the herd is now.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

Command declare_status() {
  return {
      .name = "status",
      .summary = "Show how everything is",
      .description = "Lists the services with their status, since when, and what was last said "
                     "about them. Exit status: 0 when all is well, 1 when something is not, 3 when nobody "
                     "can say: there is no store, or the daemon that ran there does not run any more.",
      .options = {json_option(), csv_option(), store_dir_option()},
      .positionals = {{"service", "[HOST/]SERVICE",
                       "Only this service, with more about it; HOST/ for all of a host."}},
      .examples =
          {
              {"sheepdog status", "All services of the herd."},
              {"sheepdog status web1/nginx", "One service, with the output of its last run."},
              {"sheepdog status --json | jq '.[] | select(.status != \"ok\")'",
               "What is not well, for a program."},
          },
      .exclusive = {{.names = {"json", "csv"}}},
  };
}

}  // namespace sheepdog::cli
