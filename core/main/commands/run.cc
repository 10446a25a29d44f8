// run.cc -- wrap a command and report how it went.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

Command declare_run() {
  return {
      .name = "run",
      .summary = "Run a command and report how it went",
      .description =
          "The command runs as it would without the wrapper: its input and output pass through as "
          "they come, INT, TERM, HUP and QUIT go on to its process group, and the exit status is "
          "its own (128+N after signal N, 127 where it was not found, 126 where it could not be "
          "started, 124 where it ran out of time). It runs whatever the state of broker and disk; "
          "what could not be reported is said on standard error.\n\n"
          "One report is sent at the start and one at the end. The end carries how long it took, "
          "how it ended, what it used, and the first 2 KiB and last 14 KiB of its output.",
      .options =
          {
              broker_option("Report straight to this Redis (redis://[USER:PASSWORD@]HOST[:PORT][/DB], "
                            "unix:///PATH). Default: $SHEEPDOG_BROKER, else this machine's "
                            "daemon."),
              {"execute", 'e', Kind::text, "CMD", "Run CMD with /bin/sh -c."},
              {"service", 's', Kind::text, "NAME",
               "What is run, as a service of this host. Default: the command's base name."},
              {"on-error", 0, Kind::flag, {}, "Report only what did not go well."},
              {"inform", 0, Kind::text, "WHO",
               "Ask that WHO, a name from the server's configuration, be told of this run whatever "
               "the policy."},
              {"quiet", 'q', Kind::flag, {},
               "Print the output only if the command did not go well."},
              {"timeout", 't', Kind::duration, "TIME",
               "Stop the command after TIME (90s, 5m, 6h) and exit with 124."},
              {"kill-after", 'k', Kind::duration, "TIME",
               "After TERM, wait TIME before KILL for the whole group. Default: 10s."},
              {"lock", 0, Kind::text, "NAME",
               "Never run twice at once under this NAME. Default: the service.", {}, true},
              {"overlap", 0, Kind::choice, "WHAT",
               "What to do while another run holds the lock: skip this one (exit 0; the default), "
               "wait for it, or fail (exit 75).",
               {"skip", "wait", "fail"}},
              {"retry", 'r', Kind::integer, "N", "Try a failed command again, up to N times."},
              {"backoff", 0, Kind::duration, "TIME",
               "Wait TIME before the second attempt, and twice as long before each further one. "
               "Default: 1s."},
              {"ok", 0, Kind::text, "LIST", "Exit statuses that are good besides 0: 24 or 1,24."},
              {"warning", 0, Kind::text, "LIST",
               "Exit statuses that are only a warning: 1 or 1,2."},
              {"redact", 0, Kind::texts, "REGEX",
               "Replace what matches (an extended regular expression, with \\d \\s \\w) in "
               "the reported arguments and output by [redacted]. May be given several times."},
              {"no-output", 0, Kind::flag, {}, "Do not report the output."},
              state_dir_option(),
          },
      .positionals = {{"argv", "COMMAND [ARG...]", "", false, false, true}},
      .examples =
          {
              {"sheepdog run -- borg create --stats /backup::{now} /home",
               "The usual form, in a crontab too."},
              {"sheepdog run --quiet --timeout 6h --lock --retry 2 --ok 24 -- rsync -a /home nas:",
               "At most six hours, never twice at once, two more attempts; vanished files are no "
               "failure; no mail from cron unless it fails."},
              {"sheepdog -H redis.example.org:6379 -e \"pg_dump shop | zstd > /backup/shop.zst\"",
               "The short form, through the shell and straight to a broker."},
          },
      .other_usage = "sheepdog [OPTION...] -e CMD",
  };
}

}  // namespace sheepdog::cli
