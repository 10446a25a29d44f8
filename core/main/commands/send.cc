// send.cc -- hand in one report.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

Command declare_send() {
  return {
      .name = "send",
      .summary = "Send one report",
      .description = "Tells the herd the status of a service, or facts about this host. The report "
                     "is accepted, that is durably kept, when the command succeeds; otherwise it "
                     "says why not and exits with 3. What only the store can refuse, such as "
                     "another user's service, is found later: `sheepdog doctor --dead-letters' "
                     "shows it.\n\n"
                     "Users other than root report for this host, and for the plugins message, run, "
                     "fact and sample.",
      .options =
          {
              broker_option("Send the report straight to this Redis "
                            "(redis://[USER:PASSWORD@]HOST[:PORT][/DB], unix:///PATH). Default: "
                            "$SHEEPDOG_BROKER, else this machine's daemon."),
              {"service", 's', Kind::text, "NAME",
               "The service that it is about. Needed unless there are facts only."},
              {"status", 0, Kind::choice, "STATUS",
               "ok, warning, critical or unknown (the default).",
               {"ok", "warning", "critical", "unknown", "0", "1", "2", "3"}},
              {"summary", 'm', Kind::text, "TEXT", "One line for people."},
              {"data", 0, Kind::text, "JSON", "An object for the plugin."},
              {"fact", 0, Kind::texts, "KEY=VALUE",
               "A fact about the host. A whole number is a number, true and false are such, all "
               "else is text. May be given several times."},
              {"host", 0, Kind::text, "NAME",
               "The host that it is about. Default: this one. Only root may name another."},
              {"plugin", 'p', Kind::text, "NAME",
               "The plugin whose receiver reads it. Default: message, or fact with facts."},
              state_dir_option(),
          },
      .positionals = {},
      .examples =
          {
              {"sheepdog send --service raid --status warning --summary \"one disk is missing\"",
               "The status of a service, from any script."},
              {"sheepdog send --fact nginx.version=1.22.1", "A fact about this host."},
          },
  };
}

}  // namespace sheepdog::cli
