// query.cc -- ask a question.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

Command declare_query() {
  return {
      .name = "query",
      .summary = "Ask a question in miniKanren",
      .description = "The question is Scheme, with the relations of (sheepdog query) at hand. One "
                     "line an answer; the exit status is 0 also where there is none.",
      .options =
          {
              {"file", 'f', Kind::file, "FILE", "Read the question from FILE."},
              json_option(),
              csv_option(),
              {"limit", 'n', Kind::integer, "N", "At most N answers."},
              {"timeout", 't', Kind::duration, "TIME", "Give up after TIME."},
              state_dir_option(),
          },
      .positionals = {{"expression", "EXPR", "The question."}},
      .examples =
          {
              {"sheepdog query '(run* (host) (facto host \"nginx.version\" \"1.22.1\"))'",
               "Which hosts run this nginx?"},
              {"sheepdog query -f interrupted.scm --json", "A question from a file, for a program."},
          },
  };
}

}  // namespace sheepdog::cli
