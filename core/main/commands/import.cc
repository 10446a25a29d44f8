// import.cc -- read history from elsewhere.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

Command declare_import() {
  return {
      .name = "import",
      .summary = "Read reports from a file of JSON lines",
      .description =
          "Each line is one report with its own time. Reading a file twice changes nothing: a line "
          "without an id gets one that is derived from what it says. So it says how many reports it "
          "handed over, of which those that are known already do not count again. Imported reports "
          "are history and never notify anyone.\n\n"
          "A line that cannot be read is named with its number and left out; the exit status is "
          "then 1.",
      .options = {broker_option("Hand the reports straight to this Redis "
                                "(redis://[USER:PASSWORD@]HOST[:PORT][/DB], unix:///PATH). Default: "
                                "$SHEEPDOG_BROKER, else this machine's daemon."),
                  state_dir_option()},
      .positionals = {{"file", "FILE", "Read FILE, or standard input where it is -.", true, false,
                       false, Kind::file}},
      .examples =
          {
              {"sheepdog import old.jsonl", "History from elsewhere."},
              {"zcat old.jsonl.gz | sheepdog import -", "The same from a pipe."},
          },
  };
}

}  // namespace sheepdog::cli
