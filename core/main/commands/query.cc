// query.cc -- ask a question.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

namespace {

std::vector<Exclusive> contradictions() {
  std::vector<Exclusive> all{
      {.names = {"json", "csv"}},
      {.names = {"list", "expression"},
       .why = "--list shows all questions, and sketches each; sheepdog query NAME --help tells of one"},
      {.names = {"list", "csv"}, .why = "the list is a table, or JSON with --json"},
      {.names = {"relations", "list"}},
      {.names = {"relations", "csv"}, .why = "the list is a table, or JSON with --json"},
      {.names = {"sandbox", "daemon"}, .why = "the daemon always answers so; leave --sandbox out"},
      {.names = {"max-memory", "daemon"},
       .why = "the daemon has a limit of its own for all questions; without --daemon the limit is yours"},
      {.names = {"explain", "why"},
       .why = "one shows how the answers are found, and the other by what they are known; ask twice"},
  };
  for (const auto* option : {"limit", "at", "explain", "why", "sandbox", "daemon"})
    all.push_back({.names = {"relations", option},
                   .why = "--relations tells what questions are made of, and asks none; leave one of them out"});
  for (const auto* format : {"json", "csv"}) {
    all.push_back({.names = {"explain", format},
                   .why = "--explain shows no answers, and is for people to read; ask twice"});
    all.push_back({.names = {"why", format},
                   .why = "--why is for people to read; for the answers as data ask once more without it"});
  }
  for (const auto* elsewhere : {"daemon", "sandbox"}) {
    all.push_back({.names = {"explain", elsewhere},
                   .why = "--explain looks into the search, which another process makes then, and tells the "
                          "answers alone; ask a question that you trust of the store itself"});
    all.push_back({.names = {"why", elsewhere},
                   .why = "--why reads the store beside the search, which another process makes then, and tells "
                          "the answers alone; ask a question that you trust of the store itself"});
  }
  return all;
}

}  // namespace

Command declare_query() {
  return {
      .name = "query",
      .summary = "Ask a question, a named one or one in miniKanren",
      .description =
          "A question is one of the library's, by its name and with options of its own, which "
          "--list and NAME --help show; or it is Scheme, as a rule one (run* (VARIABLE ...) GOAL "
          "...), with the relations and comparisons that --relations and sheepdog-relations(7) tell of.\n\n"
          "A file may define relations, for the question that follows in it or is given beside it, and "
          "questions with names. The library is what comes with Sheepdog, what the running daemon's "
          "configuration names, and what is in ~/.config/sheepdog/questions.\n\n"
          "The answers are a table with the variables' names as headings; as JSON, each is an array "
          "on a line of its own, with times as seconds since the epoch. The exit status is 0 also "
          "where there is no answer, 1 where time was over first, and 2 where the question is wrong.",
      .options =
          {
              {"list", 'l', Kind::flag, {},
               "List the questions that have names, with --file also those of FILE."},
              {"relations", 'r', Kind::flag, {},
               "List what questions are made of: relations, comparisons and the like; with a NAME, "
               "tell all about that one, with an example."},
              {"file", 'f', Kind::files, "FILE",
               "Read definitions, and where no QUESTION is given the question, from FILE; - is "
               "standard input. Several are read in their order."},
              json_option(),
              csv_option(),
              {"limit", 'n', Kind::integer, "N",
               "At most N answers; whether there are more is said on standard error.", {}, false, 1},
              {"timeout", 't', Kind::duration, "TIME",
               "Search for TIME at most (10s), then show what was found."},
              {"at", 0, Kind::text, "TIME",
               "Answer as the herd was at TIME, as '2026-11-20 14:30' or 3d for three days ago."},
              {"explain", 0, Kind::flag, {},
               "Ask, and instead of the answers show which part the store was asked, in which SQL, "
               "how SQLite found it, and what was searched for."},
              {"why", 'w', Kind::flag, {},
               "Below each answer show the rows of the store that make it true, and the reports "
               "that said so."},
              {"sandbox", 0, Kind::flag, {},
               "Ask in a process that can do nothing but answer: it reaches no file, program or "
               "network. For questions of strangers."},
              {"daemon", 0, Kind::flag, {},
               "Let the running daemon answer, likewise; so it is too where you may not read the "
               "store and may ask the daemon."},
              {"max-memory", 0, Kind::text, "SIZE",
               "Memory that the question may take. Default: 1GiB, with --sandbox 512MiB."},
              config_option("Know what this configuration defines, instead of the running daemon's."),
              store_dir_option(),
          },
      .positionals = {{.name = "expression",
                       .value = "QUESTION",
                       .help = "A name, followed by that question's own options, or Scheme.",
                       .listed_by = "query --list",
                       .listed_with = {{.flag = "relations", .letter = 'r', .by = "query --relations"}}}},
      .examples =
          {
              {"sheepdog query --list", "What can be asked?"},
              {"sheepdog query --relations", "What can one ask about?"},
              {"sheepdog query --relations runo", "What does the store know of the runs of jobs?"},
              {"sheepdog query broken-now", "What is broken now, and since when?"},
              {"sheepdog query interrupted-with-package --package nginx --days 7",
               "A question with options of its own."},
              {"sheepdog query interrupted-with-package --help", "What are these?"},
              {"sheepdog query '(run* (host version) (packageo host \"nginx\" version))'",
               "Which nginx is where?"},
              {"sheepdog query '(run* (host service since) (interruptiono host service since (quote now)))'",
               "What is broken now, and since when?"},
              {"sheepdog query --why broken-now", "By what do we know?"},
              {"sheepdog query --at 3d '(run* (host service) (fresh (since) (statuso host service "
               "(quote critical) since)))'",
               "What was broken three days ago?"},
              {"sheepdog query -f interrupted.scm --json", "A question from a file, for a program."},
          },
      .exclusive = contradictions(),
      .foreign_options = "parameters",
  };
}

}  // namespace sheepdog::cli
