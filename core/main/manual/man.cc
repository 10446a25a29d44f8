// man.cc -- man pages, made from the declarations of the commands.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include "main/manual/manual.hh"

namespace sheepdog::cli {

namespace {

/// TEXT as roff prints it: no requests, no hyphenation of options.
std::string roff(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    line_start = c == '\n';
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else if (c == '"') out += "\\(dq";
    else if (c == '~') out += "\\(ti";
    else if (c == '^') out += "\\(ha";
    else out += c;
  }
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::string head(const Program& program, std::string_view name, std::string_view summary) {
  return fmt::format(".TH \"{}\" \"{}\" \"\" \"Sheepdog {}\" \"Sheepdog\"\n.nh\n.ad l\n.SH NAME\n{} \\- {}\n",
                     upper(name), program.section, version(), roff(name), roff(summary));
}

std::string paragraphs(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find("\n\n"), text.size());
    out += fmt::format(".PP\n{}\n", roff(text.substr(0, end)));
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return out;
}

std::string option_list(const std::vector<Option>& options) {
  std::string out;
  for (const auto& option : options)
    out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(spelled(option)), roff(option.help));
  return out;
}

constexpr std::string_view environment_section =
    ".SH ENVIRONMENT\n"
    ".TP\n\\fBSHEEPDOG_STATE_DIR\\fR\nThe state directory, where no \\fB\\-\\-state\\-dir\\fR is given.\n"
    ".TP\n\\fBSHEEPDOG_BROKER\\fR\nThe broker to report to, where no \\fB\\-H\\fR is given.\n";

}  // namespace

std::string man_page(const Program& program, const Command& command) {
  const bool sub = program.has_subcommands();
  const auto name = sub ? fmt::format("{}-{}", program.name, command.name)
                        : std::string(program.name);
  auto out = head(program, name, command.summary);
  out += fmt::format(".SH SYNOPSIS\n.nf\n{}\n", roff(usage(program, command)));
  if (!command.other_usage.empty()) out += fmt::format("{}\n", roff(command.other_usage));
  out += ".fi\n.SH DESCRIPTION\n";
  out += command.description.empty() ? fmt::format(".PP\n{}.\n", roff(command.summary))
                                     : paragraphs(command.description);
  for (const auto& p : command.positionals)
    if (!p.help.empty()) out += fmt::format(".TP\n\\fI{}\\fR\n{}\n", roff(p.value), roff(p.help));
  out += ".SH OPTIONS\n" + option_list(command.options) + option_list(common_options());
  if (!command.examples.empty()) out += ".SH EXAMPLES\n";
  for (const auto& example : command.examples)
    out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(example.line), roff(example.what));
  out += environment_section;
  out += fmt::format(".SH SEE ALSO\n\\fBsheepdog\\fR(1), \\fBsheepdog\\-daemon\\fR(8), "
                     "\\fBsheepdog\\-queue\\-daemon\\fR(8)\n");
  return out;
}

std::string man_page(const Program& program) {
  if (!program.has_subcommands()) return man_page(program, program.commands[0].declare());
  auto out = head(program, program.name, program.summary);
  out += fmt::format(".SH SYNOPSIS\n{} COMMAND [OPTION...]\n.SH DESCRIPTION\n{}.SH COMMANDS\n",
                     roff(program.name), paragraphs(program.description));
  for (const auto& entry : program.commands)
    out += fmt::format(".TP\n\\fB{}\\-{}\\fR({})\n{}.\n", roff(program.name), roff(entry.name),
                       program.section, roff(entry.declare().summary));
  out += ".SH EXIT STATUS\n"
         ".TP\n0\nAll is well.\n"
         ".TP\n1\nSomething is wrong with the herd.\n"
         ".TP\n2\nThe command line or the configuration is wrong.\n"
         ".TP\n3\nThere is no connection.\n"
         ".PP\n\\fBsheepdog\\-run\\fR(1) always has the exit status of its command.\n";
  out += environment_section;
  return out;
}

}  // namespace sheepdog::cli
