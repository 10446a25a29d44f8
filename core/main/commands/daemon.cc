// daemon.cc -- the program sheepdog-daemon.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

Command declare_daemon() {
  return {
      .name = "sheepdog-daemon",
      .summary = "Watch this machine and hand in what is seen",
      .description =
          "Runs the monitors and passes on what reporters on this machine hand in. With the default "
          "broker, 'local, it receives and keeps the reports itself.\n\n"
          "It stays in the foreground and logs to standard error. TERM ends it, HUP reads the "
          "configuration again; a wrong one is refused and the old one stays.",
      .options =
          {
              config_option("Read the configuration from FILE. Default: none, with the default "
                            "monitors."),
              state_dir_option(),
              {"check", 0, Kind::flag, {}, "Check the configuration and exit: 0, or 2 with what is "
               "wrong."},
              {"once", 0, Kind::flag, {}, "Run each monitor once, hand in the reports, and exit."},
              {"log-level", 0, Kind::choice, "LEVEL", "The least important messages to log. "
               "Default: info.", {"debug", "info", "notice", "warning", "error"}},
          },
      .positionals = {},
      .examples = {{"sheepdog-daemon", "Watch this machine with the default monitors."},
                   {"sheepdog-daemon -c /etc/sheepdog/server-config.scm", "As configured."}},
      .exclusive = {{.names = {"check", "once"}}},
  };
}

}  // namespace sheepdog::cli
