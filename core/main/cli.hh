// cli.hh -- the command line as data: declared once, parsed, shown as help, manual and completions.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// commands/NAME.cc declares one subcommand or program. Parsing, --help, the man pages and the
// completions of the shells all read these declarations, so they cannot disagree. A declaration is
// built only when it is needed, because `sheepdog run` is on the way of every cron job.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hh"

namespace sheepdog::cli {

enum class Kind {
  flag,
  text,
  texts,     ///< may be given several times
  integer,   ///< from 0
  duration,  ///< 90s, 5m; parsed to seconds
  choice,    ///< one of Option::choices
  file,      ///< text that the shells complete to a file
  files,     ///< likewise, and may be given several times
  directory,
};

struct Option {
  std::string_view name;       ///< without dashes
  char letter = 0;             ///< its short form, where it has one
  Kind kind = Kind::flag;
  std::string_view value;      ///< how its value is called: "FILE"
  std::string_view help;
  std::vector<std::string_view> choices = {};
  bool value_optional = false;  ///< --name or --name=VALUE; parsed to "" where it has none
  std::int64_t least = 0;       ///< the smallest value of an integer
};

/// Where a flag is given what else prints what a positional may be.
struct Listing {
  std::string_view flag;
  char letter;          ///< of the flag
  std::string_view by;  ///< of this program; a name stands behind two blanks, in parentheses or alone
};

struct Positional {
  std::string_view name;
  std::string_view value;  ///< how it is called: "[HOST/]SERVICE"
  std::string_view help;
  bool required = false;
  bool repeated = false;
  bool command = false;  ///< a command with its arguments: all that follows belongs to it
  Kind kind = Kind::text;
  /// What of this program prints what it may be, in the first column of a table with headings.
  std::string_view listed_by = {};
  std::vector<Listing> listed_with = {};
};

struct Example {
  std::string_view line;
  std::string_view what;
};

/// Options and positionals of which at most one may be given.
struct Exclusive {
  std::vector<std::string_view> names;
  std::string_view why = {};  ///< why they do not go together, and what to do instead, without a full stop
};

/// A subcommand, or a program that has none.
struct Command {
  std::string_view name;
  std::string_view summary;      ///< one line, without a full stop
  std::string_view description;  ///< paragraphs, an empty line between them
  std::vector<Option> options;
  std::vector<Positional> positionals;
  std::vector<Example> examples;
  std::string_view other_usage = {};  ///< a second line of usage
  std::vector<Exclusive> exclusive = {};
  /// Where its first word may be the name of something with options of its own, that this program does
  /// not know: these, as "NAME=VALUE", are the texts of this name; "help" has no value.
  std::string_view foreign_options = {};
};

struct CommandEntry {
  std::string_view name;
  Command (*declare)();
};

struct Program {
  std::string_view name;
  std::string_view summary;
  std::string_view description;
  int section = 1;                     ///< of the manual
  std::vector<CommandEntry> commands;  ///< one entry with the program's own name: no subcommands
  std::string_view bare = {};          ///< the command that is meant where an option comes first

  bool has_subcommands() const { return commands.size() != 1 || commands[0].name != name; }
};

const Program& sheepdog_program();
const Program& daemon_program();        ///< sheepdog-daemon
const Program& queue_daemon_program();  ///< sheepdog-queue-daemon
std::vector<const Program*> all_programs();

using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

/// What was given and nothing else, in the order of the declaration: options by their long name,
/// positionals by theirs. Flags are true; durations are seconds.
struct Parsed {
  std::string command;  ///< the subcommand; the program's name where it has none
  std::vector<std::pair<std::string, Value>> options;
  std::string print;  ///< --help or --version was given: print this, exit 0, do nothing else

  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::string text(std::string_view name, std::string fallback = {}) const;
  std::int64_t integer(std::string_view name, std::int64_t fallback) const;
  double seconds(std::string_view name, double fallback) const;
  std::vector<std::string> texts(std::string_view name) const;

 private:
  const Value* find(std::string_view name) const;
};

/// Read ARGUMENTS (without the program's name). Error: invalid, one line that begins with the
/// program's name and says what was given and what would be right.
Result<Parsed> parse(const Program& program, std::span<const std::string> arguments);

/// The same for a main: prints help or the error (to stderr, exit 2) and ends the program there.
Parsed parse_or_exit(const Program& program, int argc, char** argv);

/// The version of all programs.
std::string_view version();

/// What --help prints.
std::string help(const Program& program);
std::string help(const Program& program, const Command& command);
/// "sheepdog run [OPTION...] -- COMMAND [ARG...]"
std::string usage(const Program& program, const Command& command);
/// "-c, --config FILE"
std::string spelled(const Option& option);
/// The options that each command of a program has besides its own.
const std::vector<Option>& common_options();

/// TEXT in double quotes on one line, whatever is in it; of a long one the beginning.
std::string as_given(std::string_view text);

/// ` (did you mean "NAME"?)` for the one of NAMES that is nearest to WORD, or nothing.
std::string suggestion(std::string_view word, std::span<const std::string> names);

}  // namespace sheepdog::cli
