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
      .options = {broker_option("Look at this Redis (redis://[USER:PASSWORD@]HOST[:PORT][/DB], "
                                "unix:///PATH). Default: $SHEEPDOG_BROKER, else the "
                                "configuration's broker."),
                  json_option(),
                  config_option("The configuration of the daemon that is looked at: broker and "
                                "size of the spool are taken from it. Default: none, which is a "
                                "herd of one machine."),
                  {"state-dir", 0, Kind::directory, "DIR",
                   "Look at DIR, its spool, store and daemons. Default: $SHEEPDOG_STATE_DIR, else "
                   "/var/lib/sheepdog for root and $XDG_STATE_HOME/sheepdog for others."}},
      .positionals = {},
      .examples = {{"sheepdog doctor", "After an installation, or when reports do not arrive."}},
  };
}

}  // namespace sheepdog::cli
