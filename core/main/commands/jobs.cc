// jobs.cc -- the jobs and their next runs.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

Command declare_jobs() {
  return {
      .name = "jobs",
      .summary = "Show the jobs and their last and next runs",
      .description = {},
      .options = {json_option(), csv_option(), config_option(), state_dir_option()},
      .positionals = {},
      .examples = {{"sheepdog jobs", "What is scheduled, and how did it go last time?"}},
  };
}

}  // namespace sheepdog::cli
