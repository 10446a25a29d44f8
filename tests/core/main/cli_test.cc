// cli_test.cc -- command lines are read as declared, and mistakes are answered with what is right.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/cli.hh"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

namespace sheepdog::cli {
namespace {

using Words = std::vector<std::string>;

Parsed good(const Words& words) {
  auto parsed = parse(sheepdog_program(), words);
  EXPECT_TRUE(parsed) << parsed.error().text();
  return parsed ? *parsed : Parsed{};
}

std::string mistake(const Words& words) {
  auto parsed = parse(sheepdog_program(), words);
  EXPECT_FALSE(parsed);
  return parsed ? "" : parsed.error().text();
}

TEST(Cli, TheCommandOfRunIsLeftAlone) {
  const auto p = good({"run", "--timeout", "90s", "--", "borg", "--timeout", "x", "--", "-q"});
  EXPECT_EQ(p.command, "run");
  EXPECT_EQ(p.texts("argv"), (Words{"borg", "--timeout", "x", "--", "-q"}));
  EXPECT_EQ(p.seconds("timeout", 0), 90.0);
  EXPECT_EQ(good({"run", "-q", "ls", "-l", "--help"}).texts("argv"), (Words{"ls", "-l", "--help"}));
  EXPECT_EQ(good({"run", "--", "--odd"}).texts("argv"), (Words{"--odd"}));
}

TEST(Cli, AnOptionInThePlaceOfTheCommandMeansRun) {
  const auto p = good({"-H", "localhost:6379", "-e", "borg create", "--retry=2"});
  EXPECT_EQ(p.command, "run");
  EXPECT_EQ(p.text("broker"), "localhost:6379");
  EXPECT_EQ(p.text("execute"), "borg create");
  EXPECT_EQ(p.integer("retry", 0), 2);
  EXPECT_EQ(good({"-Hlocalhost", "-qe", "true"}).text("execute"), "true");
}

TEST(Cli, OnlyWhatWasGivenIsThere) {
  const auto p = good({"history", "web/nginx", "--json", "-n", "5"});
  ASSERT_EQ(p.options.size(), 3U);
  EXPECT_TRUE(p.has("json"));
  EXPECT_EQ(p.integer("limit", 50), 5);
  EXPECT_EQ(p.text("service"), "web/nginx");
  EXPECT_FALSE(p.has("csv"));
  EXPECT_EQ(p.integer("absent", 50), 50);
}

TEST(Cli, AnOptionalValueTakesNoOtherWord) {
  EXPECT_EQ(good({"run", "--lock", "true"}).text("lock", "none"), "");
  EXPECT_EQ(good({"run", "--lock=db", "true"}).text("lock"), "db");
  EXPECT_EQ(good({"run", "true"}).text("lock", "none"), "none");
  EXPECT_EQ(good({"doctor", "--dead-letters"}).text("dead-letters", "none"), "");
  EXPECT_EQ(good({"doctor", "--dead-letters=3"}).integer("dead-letters", 0), 3);
  EXPECT_EQ(mistake({"doctor", "--dead-letters=x"}),
            "sheepdog doctor: --dead-letters: \"x\" is not a whole number from 1");
}

TEST(Cli, ANumberHasALeast) {
  for (const char* command : {"history", "query"})
    for (const char* few : {"0", "-1"})
      EXPECT_EQ(mistake({command, "-n", few}),
                fmt::format("sheepdog {}: --limit: \"{}\" is not a whole number from 1", command, few));
  EXPECT_EQ(good({"history", "-n", "1"}).integer("limit", 0), 1);
  EXPECT_EQ(good({"run", "--retry", "0", "true"}).integer("retry", 1), 0);
}

TEST(Cli, SomeOptionsMayBeRepeated) {
  EXPECT_EQ(good({"send", "--fact", "a=1", "--fact=b=2"}).texts("fact"), (Words{"a=1", "b=2"}));
  EXPECT_EQ(good({"check", "--state-dir", "/a", "--state-dir", "/b", "f"}).text("state-dir"), "/b");
}

TEST(Cli, MistakesSayWhatWouldBeRight) {
  EXPECT_EQ(mistake({"stauts"}),
            "sheepdog: unknown command \"stauts\" (did you mean \"status\"?); see sheepdog --help");
  EXPECT_EQ(mistake({"xyzzy"}), "sheepdog: unknown command \"xyzzy\"; see sheepdog --help");
  EXPECT_EQ(mistake({"run", "--timout", "5", "true"}),
            "sheepdog run: unknown option --timout (did you mean \"--timeout\"?); see sheepdog run "
            "--help");
  EXPECT_EQ(mistake({"run", "-Z", "true"}),
            "sheepdog run: unknown option -Z; see sheepdog run --help");
  EXPECT_EQ(mistake({"run", "--timeout", "soon", "true"}),
            "sheepdog run: --timeout: \"soon\" is not a duration; write a number with a unit, as in 90s, 5m, 6h "
            "or 2d");
  EXPECT_EQ(mistake({"run", "--retry", "-1", "true"}),
            "sheepdog run: --retry: \"-1\" is not a whole number from 0");
  EXPECT_EQ(mistake({"run", "--overlap=maybe", "true"}),
            "sheepdog run: --overlap: \"maybe\" is none of skip, wait, fail");
  EXPECT_EQ(mistake({"status", "--json=yes"}), "sheepdog status: --json takes no value");
  EXPECT_EQ(mistake({"send", "--service"}),
            "sheepdog send: --service needs a value: -s, --service NAME");
  EXPECT_EQ(mistake({"check"}),
            "sheepdog check: FILE is missing; usage: sheepdog check [OPTION...] FILE");
  EXPECT_EQ(mistake({"status", "a", "b"}),
            "sheepdog status: unexpected argument \"b\"; usage: sheepdog status [OPTION...] "
            "[[HOST/]SERVICE]");
}

TEST(Cli, WhatWasGivenIsShownOnOneLineAndNotAtLength) {
  EXPECT_EQ(as_given("a\nb\x1b"), "\"a\\nb\\u001b\"");
  const auto message = mistake({"run", "--timeout", "\n" + std::string(5000, 'x'), "true"});
  EXPECT_EQ(message.find('\n'), message.npos);
  EXPECT_LT(message.size(), 300U);
  EXPECT_EQ(as_given(std::string(79, 'x') + "\u00e9"), "\"" + std::string(79, 'x') + "...\"");
}

TEST(Cli, AMisspeltHelpIsHelped) {
  EXPECT_EQ(mistake({"hlep"}),
            "sheepdog: unknown command \"hlep\" (did you mean \"help\"?); see sheepdog --help");
  EXPECT_EQ(mistake({"help", "stauts"}),
            "sheepdog: unknown command \"stauts\" (did you mean \"status\"?); see sheepdog --help");
  EXPECT_EQ(mistake({"help", "run", "send"}),
            "sheepdog: unexpected argument \"send\"; usage: sheepdog help [COMMAND]");
}

TEST(Cli, ACommandAfterAnOptionIsNotRun) {
  EXPECT_EQ(mistake({"-H", "localhost", "send", "--service", "x"}),
            "sheepdog: send is a command and comes before its options: sheepdog send [OPTION...]; to "
            "run a program of that name, write sheepdog run [OPTION...] -- send");
  EXPECT_EQ(mistake({"-q", "help"}).substr(0, 24), "sheepdog: help is a comm");
  EXPECT_EQ(good({"-q", "--", "send", "x"}).texts("argv"), (Words{"send", "x"}));
  EXPECT_EQ(good({"-q", "ls", "send"}).texts("argv"), (Words{"ls", "send"}));
  EXPECT_EQ(good({"run", "-q", "send"}).texts("argv"), (Words{"send"}));
}

TEST(Cli, WhatContradictsEachOtherIsRefused) {
  for (const char* command : {"status", "history", "query"})
    EXPECT_EQ(mistake({command, "--csv", "--json"}),
              "sheepdog " + std::string(command) +
                  ": --json and --csv contradict each other; give one of them");
  EXPECT_EQ(mistake({"query", "broken-now", "--list"}),
            "sheepdog query: --list and QUESTION do not go together: --list shows all questions, and sketches "
            "each; sheepdog query NAME --help tells of one");
  EXPECT_EQ(mistake({"repl", "--queue-daemon", "--daemon"}),
            "sheepdog repl: --daemon and --queue-daemon contradict each other; give one of them");
  EXPECT_FALSE(parse(daemon_program(), Words{"--check", "--once"}));
  EXPECT_FALSE(parse(queue_daemon_program(), Words{"--check", "--once"}));
}

TEST(Cli, EachCommandExplainsItsOwnOptions) {
  EXPECT_NE(good({"doctor", "--help"}).print.find("Look at this Redis"), std::string::npos);
  for (const char* command : {"doctor", "status", "history", "query", "check", "plugins"}) {
    const auto text = good({command, "--help"}).print;
    EXPECT_EQ(text.find("Report straight to"), text.npos) << command;
    EXPECT_EQ(text.find("Keep everything in"), text.npos) << command;
  }
}

TEST(Cli, ANamedQuestionHasOptionsOfItsOwn) {
  const auto p = good({"query", "backups", "--days", "7", "--json", "--host=tux01", "--version=--x"});
  EXPECT_EQ(p.text("expression"), "backups");
  EXPECT_EQ(p.texts("parameters"), (Words{"days=7", "host=tux01", "version=--x"}));
  EXPECT_TRUE(p.has("json"));
  EXPECT_EQ(good({"query", "backups", "--help"}).texts("parameters"), (Words{"help"}));
  EXPECT_EQ(good({"query", "backups", "-h"}).texts("parameters"), (Words{"help"}));
  EXPECT_EQ(mistake({"query", "backups", "--days"}), "sheepdog query: --days needs a value");
  // What is no name has none, nor has what comes before it.
  for (const Words& words : {Words{"query", "(run* (h) (hosto h))", "--jsno"},
                             Words{"query", "--jsno", "backups"}, Words{"history", "web", "--jsno"}})
    EXPECT_EQ(mistake(words), "sheepdog " + words[0] +
                                  ": unknown option --jsno (did you mean \"--json\"?); see sheepdog " +
                                  words[0] + " --help");
  EXPECT_NE(good({"query", "--help", "backups"}).print.find("--list"), std::string::npos);
}

TEST(Cli, ADashAloneIsAWord) { EXPECT_EQ(good({"import", "-"}).text("file"), "-"); }

TEST(Cli, HelpGoesBeforeMistakes) {
  EXPECT_EQ(good({"check", "--help"}).print, good({"help", "check"}).print);
  EXPECT_EQ(good({"help"}).print, good({"--help"}).print);
  EXPECT_EQ(good({"help", "help"}).print, good({"--help"}).print);
  EXPECT_NE(good({"--help"}).print.find("try-plugin"), std::string::npos);
  EXPECT_EQ(good({}).print, good({"--help"}).print);
  EXPECT_EQ(good({"--version"}).print, "sheepdog " + std::string(version()) + "\n");
}

TEST(Cli, DaemonsHaveNoSubcommands) {
  const auto p = parse(daemon_program(), Words{"-c", "f.scm", "--once", "--log-level=debug"});
  ASSERT_TRUE(p) << p.error().text();
  EXPECT_EQ(p->command, "sheepdog-daemon");
  EXPECT_EQ(p->text("config"), "f.scm");
  EXPECT_TRUE(p->has("once"));
  const auto wrong = parse(queue_daemon_program(), Words{"--onec"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().text(), "sheepdog-queue-daemon: unknown option --onec (did you mean "
                                  "\"--once\"?); see sheepdog-queue-daemon --help");
}

/// What a declaration may get wrong without anybody noticing.
TEST(Cli, DeclarationsAreWhole) {
  for (const auto* program : all_programs()) {
    for (const auto& entry : program->commands) {
      const auto command = entry.declare();
      SCOPED_TRACE(std::string(entry.name));
      EXPECT_EQ(command.name, entry.name);
      EXPECT_FALSE(command.summary.empty());
      EXPECT_FALSE(command.summary.ends_with('.'));
      EXPECT_FALSE(command.examples.empty());
      std::set<std::string_view> names;
      std::set<char> letters;
      auto options = command.options;
      options.insert(options.end(), common_options().begin(), common_options().end());
      for (const auto& option : options) {
        SCOPED_TRACE(std::string(option.name));
        EXPECT_TRUE(names.insert(option.name).second);
        if (option.letter) {
          EXPECT_TRUE(letters.insert(option.letter).second);
        }
        EXPECT_EQ(option.kind == Kind::flag, option.value.empty());
        EXPECT_EQ(option.kind == Kind::choice, !option.choices.empty());
        EXPECT_TRUE(option.help.ends_with('.'));
      }
      EXPECT_TRUE(names.contains("state-dir"));
      for (const auto& positional : command.positionals) names.insert(positional.name);
      for (const auto& contradicting : command.exclusive) {
        EXPECT_GT(contradicting.names.size(), 1U);
        for (const auto name : contradicting.names) EXPECT_TRUE(names.contains(name)) << name;
      }
      std::size_t at = 0;
      const auto text = help(*program, command);
      while (at < text.size()) {
        const auto end = text.find('\n', at);
        const auto line = text.substr(at, end - at);
        if (!line.starts_with("Usage:") && !line.starts_with("  sheepdog")) {
          EXPECT_LE(line.size(), 79U) << line;
        }
        at = end + 1;
      }
    }
  }
}

}  // namespace
}  // namespace sheepdog::cli
