// cli_help.cc -- what --help prints.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include "main/cli.hh"

namespace sheepdog::cli {

namespace {

constexpr std::size_t width = 79;
constexpr std::size_t help_column = 28;

/// TEXT broken into lines that end before WIDTH, each after the first indented.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t column) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    if (!out.empty() && column + 1 + word.size() > width) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else if (!out.empty()) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string paragraphs(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find("\n\n"), text.size());
    out += wrapped(text.substr(0, end), 0, 0) + "\n\n";
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return out;
}

std::string row(std::string left, std::string_view help) {
  left = fmt::format("  {}", left);
  if (left.size() + 2 > help_column) left += fmt::format("\n{:{}}", "", help_column);
  else left.resize(help_column, ' ');
  return left + wrapped(help, help_column, help_column) + "\n";
}

std::string option_rows(const std::vector<Option>& options) {
  std::string out;
  for (const auto& option : options)
    out += row((option.letter ? "" : "    ") + spelled(option), option.help);
  return out;
}

}  // namespace

const std::vector<Option>& common_options() {
  static const std::vector<Option> options{
      {"help", 'h', Kind::flag, {}, "Show this help."},
      {"version", 0, Kind::flag, {}, "Show the version."},
  };
  return options;
}

std::string spelled(const Option& option) {
  const auto letter = option.letter ? fmt::format("-{}, ", option.letter) : std::string();
  if (option.kind == Kind::flag) return fmt::format("{}--{}", letter, option.name);
  if (option.value_optional) return fmt::format("{}--{}[={}]", letter, option.name, option.value);
  return fmt::format("{}--{} {}", letter, option.name, option.value);
}

std::string usage(const Program& program, const Command& command) {
  std::string line(program.name);
  if (program.has_subcommands()) line += fmt::format(" {}", command.name);
  if (!command.options.empty()) line += " [OPTION...]";
  for (const auto& p : command.positionals) {
    if (p.command) line += " --";
    line += p.required || p.command ? fmt::format(" {}", p.value) : fmt::format(" [{}]", p.value);
    if (p.repeated) line += "...";
  }
  return line;
}

std::string help(const Program& program, const Command& command) {
  std::string out = fmt::format("Usage: {}\n", usage(program, command));
  if (!command.other_usage.empty()) out += fmt::format("       {}\n", command.other_usage);
  out += fmt::format("\n{}.\n\n", wrapped(command.summary, 0, 0));
  out += paragraphs(command.description);
  for (const auto& p : command.positionals)
    if (!p.help.empty()) out += row(std::string(p.value), p.help);
  out += option_rows(command.options) + option_rows(common_options());
  if (!command.examples.empty()) out += "\nExamples:\n";
  for (const auto& example : command.examples)
    out += fmt::format("  {}\n      {}\n", example.line, wrapped(example.what, 6, 6));
  return out;
}

std::string help(const Program& program) {
  if (!program.has_subcommands()) return help(program, program.commands[0].declare());
  std::string out = fmt::format("Usage: {} COMMAND [OPTION...]\n\n{}.\n\n{}", program.name,
                                program.summary, paragraphs(program.description));
  out += "Commands:\n";
  for (const auto& entry : program.commands)
    out += row(std::string(entry.name), entry.declare().summary);
  out += fmt::format("\n{0} COMMAND --help, or {0} help COMMAND, tells more about each.\n",
                     program.name);
  return out;
}

}  // namespace sheepdog::cli
