// query.cc -- ask a question.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

Command declare_query() {
  return {
      .name = "query",
      .summary = "Ask a question in miniKanren",
      .description =
          "The question is Scheme, as a rule one (run* (VARIABLE ...) GOAL ...), with the relations "
          "and comparisons of (sheepdog query) at hand. A file may define relations first; its last "
          "form is the question.\n\n"
          "The answers are a table with the variables' names as headings; as JSON, each is an array "
          "on a line of its own, with times as seconds since the epoch. The exit status is 0 also "
          "where there is no answer, 1 where time was over first, and 2 where the question is wrong.",
      .options =
          {
              {"file", 'f', Kind::file, "FILE", "Read the question from FILE."},
              json_option(),
              csv_option(),
              {"limit", 'n', Kind::integer, "N", "At most N answers; whether there are more is said on standard error.", {}, false, 1},
              {"timeout", 't', Kind::duration, "TIME", "Search for TIME at most (10s), then show what was found."},
              store_dir_option(),
          },
      .positionals = {{"expression", "EXPR", "The question."}},
      .examples =
          {
              {"sheepdog query '(run* (host version) (packageo host \"nginx\" version))'",
               "Which nginx is where?"},
              {"sheepdog query '(run* (host service since) (interruptiono host service since (quote now)))'",
               "What is broken now, and since when?"},
              {"sheepdog query -f interrupted.scm --json", "A question from a file, for a program."},
          },
      .exclusive = {{"json", "csv"}, {"file", "expression"}},
  };
}

}  // namespace sheepdog::cli
