// doctor.cc -- is Sheepdog itself well?
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

Command declare_doctor() {
  return {
      .name = "doctor",
      .summary = "Check Sheepdog itself: broker, spool, store, permissions",
      .description = "Each finding comes with what to do about it. Broker and spool are those of the daemon "
                     "that runs with the state directory, or ran last. Exit status: 0 when all is "
                     "well, 1 when something is not.\n\n"
                     "A report that nobody could read, or whose receiver failed, is kept as a dead "
                     "letter: when it came, why it is one, and what it said, of which the first 64 "
                     "KiB are kept. --dead-letters shows these instead.",
      .options = {broker_option("Look at this Redis (redis://[USER:PASSWORD@]HOST[:PORT][/DB], "
                                "unix:///PATH). Default: $SHEEPDOG_BROKER, else the "
                                "configuration's broker."),
                  {"dead-letters", 0, Kind::integer, "N",
                   "Show the last N dead letters (10), the newest last.", {}, true, 1},
                  json_option(),
                  config_option("The configuration of the daemon that is looked at: broker and "
                                "size of the spool are taken from it. Default: that of the daemon "
                                "that runs with the state directory, or ran last."),
                  {"state-dir", 0, Kind::directory, "DIR",
                   "Look at DIR, its spool, store and daemons. Default: $SHEEPDOG_STATE_DIR, else your own "
                   "herd's, where you have one, else this machine's, /var/lib/sheepdog."}},
      .positionals = {},
      .examples = {{"sheepdog doctor", "After an installation, or when reports do not arrive."},
                   {"sheepdog doctor --dead-letters=3", "What could not be read?"}},
  };
}

}  // namespace sheepdog::cli
