// doctor.cc -- is Sheepdog itself well?
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

Command declare_doctor() {
  return {
      .name = "doctor",
      .summary = "Check Sheepdog itself: broker, spool, store, permissions",
      .description = "Each finding comes with what to do about it. Exit status: 0 when all is "
                     "well, 1 when something is not.",
      .options = {broker_option(), json_option(), config_option(), state_dir_option()},
      .positionals = {},
      .examples = {{"sheepdog doctor", "After an installation, or when reports do not arrive."}},
  };
}

}  // namespace sheepdog::cli
