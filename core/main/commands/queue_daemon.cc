// queue_daemon.cc -- the program sheepdog-queue-daemon.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

Command declare_queue_daemon() {
  return {
      .name = "sheepdog-queue-daemon",
      .summary = "Receive the herd's reports into the store",
      .description =
          "Reads reports from Redis, gives each to the receiver of its plugin, and keeps what it "
          "means in the store. A second one on the same store waits and takes over.\n\n"
          "It stays in the foreground and logs to standard error. TERM ends it, HUP reads the "
          "configuration again; a wrong one is refused and the old one stays.",
      .options =
          {
              {"config", 'c', Kind::file, "FILE", "Read the configuration, with the broker, from "
               "FILE."},
              state_dir_option(),
              {"check", 0, Kind::flag, {}, "Check the configuration and exit: 0, or 2 with what is "
               "wrong."},
              {"once", 0, Kind::flag, {}, "Receive what is waiting, and exit."},
              {"log-level", 0, Kind::choice, "LEVEL", "The least important messages to log. "
               "Default: info.", {"debug", "info", "notice", "warning", "error"}},
          },
      .positionals = {},
      .examples = {{"sheepdog-queue-daemon -c /etc/sheepdog/server-config.scm", "As configured."}},
      .exclusive = {{.names = {"check", "once"}}},
  };
}

}  // namespace sheepdog::cli
