// completion.cc -- completions for the shells, made from the declarations of the commands.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "main/manual/manual.hh"

namespace sheepdog::cli {

namespace {

std::vector<Option> all_options(const Command& command) {
  auto options = command.options;
  options.insert(options.end(), common_options().begin(), common_options().end());
  return options;
}

/// TEXT with a backslash before each of SPECIAL.
std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != special.npos) out += '\\';
    out += c;
  }
  return out;
}

/// TEXT in single quotes, for every shell of these.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

bool takes_command(const Command& command) {
  return !command.positionals.empty() && command.positionals.back().command;
}

bool takes_file(const Command& command) {
  return !command.positionals.empty() && command.positionals.back().kind == Kind::file;
}

/// What prints the values that the first positional of COMMAND may have; "" where there are any.
std::string listing(const Program& program, const Command& command) {
  if (command.positionals.empty() || command.positionals[0].listed_by.empty()) return {};
  return fmt::format("{} {} 2>/dev/null | sed -n \"2,\\$s/ .*//p\"", program.name,
                     command.positionals[0].listed_by);
}

std::string listing(const Program& program, const Listing& with) {
  return fmt::format("{} {} 2>/dev/null | sed -n \"s/^  (*\\([^ ()]*\\).*/\\1/p\"", program.name, with.by);
}

std::string names(const Program& program) {
  std::string out;
  for (const auto& entry : program.commands) out += fmt::format("{} ", entry.name);
  return out + "help";
}

/// The patterns of a shell's `case` that mean OPTION: "-c|--config".
std::string patterns(const Option& option) {
  return option.letter ? fmt::format("-{}|--{}", option.letter, option.name)
                       : fmt::format("--{}", option.name);
}

std::string bash_case(const Command& command) {
  std::string values, flags;
  for (const auto& option : all_options(command)) {
    flags += fmt::format("--{}{} ", option.name, option.value_optional ? "=" : "");
    if (option.kind == Kind::flag || option.value_optional) continue;
    std::string reply;
    if (option.kind == Kind::choice)
      reply = fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$word\"))",
                          fmt::join(option.choices, " "));
    else if (option.kind == Kind::file || option.kind == Kind::files)
      reply = "COMPREPLY=($(compgen -f -- \"$word\"))";
    else if (option.kind == Kind::directory)
      reply = "COMPREPLY=($(compgen -d -- \"$word\"))";
    else
      reply = "COMPREPLY=()";
    values += fmt::format("      {}) {}; return ;;\n", patterns(option), reply);
  }
  return fmt::format("    case $before in\n{}    esac\n    flags='{}'\n", values, flags);
}

}  // namespace

std::string bash_completion(const Program& program) {
  std::string function(program.name);
  for (auto& c : function)
    if (c == '-') c = '_';
  std::string out = fmt::format("# bash completion for {}\n_{}() {{\n", program.name, function);
  out += "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} flags='' files='' named=''\n"
         "  COMPREPLY=()\n";
  if (!program.has_subcommands()) {
    out += bash_case(program.commands[0].declare());
  } else {
    out += fmt::format("  local command=${{COMP_WORDS[1]}} commands='{}'\n", names(program));
    out += "  if [ \"$COMP_CWORD\" = 1 ] && [[ $word != -* ]] ||\n"
           "      [ \"$COMP_CWORD:$command\" = 2:help ]; then\n"
           "    COMPREPLY=($(compgen -W \"$commands\" -- \"$word\")); return\n  fi\n";
    if (!program.bare.empty())
      out += fmt::format("  [[ $command == -* ]] && command={}\n", program.bare);
    out += "  case $command in\n";
    for (const auto& entry : program.commands) {
      const auto command = entry.declare();
      out += fmt::format("  {})\n", entry.name);
      if (takes_command(command))
        out += "    local i\n    for ((i = 1; i < COMP_CWORD; ++i)); do\n"
               "      if [ \"${COMP_WORDS[i]}\" = -- ]; then\n"
               "        declare -F _command_offset >/dev/null && _command_offset $((i + 1)); return\n"
               "      fi\n    done\n";
      out += bash_case(command);
      if (takes_file(command)) out += "    files=yes\n";
      if (const auto list = listing(program, command); !list.empty()) {
        out += "    [[ $word == -* ]] || case \" ${COMP_WORDS[*]:0:COMP_CWORD} \" in\n";
        for (const auto& with : command.positionals[0].listed_with)
          out += fmt::format("      *' --{} '* | *' -{} '*) named=$({}) ;;\n", with.flag, with.letter,
                             listing(program, with));
        out += fmt::format("      *) named=$({}) ;;\n    esac\n", list);
      }
      out += "    ;;\n";
    }
    out += "  esac\n";
  }
  out += "  if [[ $named ]]; then COMPREPLY=($(compgen -W \"$named\" -- \"$word\"))\n"
         "  elif [[ $word == -* || -z $files ]]; then COMPREPLY=($(compgen -W \"$flags\" -- \"$word\"))\n"
         "  else COMPREPLY=($(compgen -f -- \"$word\")); fi\n"
         "  [[ ${COMPREPLY[0]:-} == *= ]] && compopt -o nospace 2>/dev/null\n  return 0\n}\n";
  out += fmt::format("complete -F _{} {}\n", function, program.name);
  return out;
}

namespace {

/// One line of zsh's _arguments.
std::string zsh_option(const Option& option) {
  const auto help = escaped(option.help, "[]:\\");
  std::string action;
  if (option.kind == Kind::choice) action = fmt::format("({})", fmt::join(option.choices, " "));
  if (option.kind == Kind::file || option.kind == Kind::files) action = "_files";
  if (option.kind == Kind::directory) action = "_files -/";
  const auto value = option.kind == Kind::flag
                         ? std::string()
                         : fmt::format("{}:{}:{}", option.value_optional ? ":" : "",
                                       escaped(option.value, "[]:\\"), action);
  const auto joint = option.kind == Kind::flag ? "" : option.value_optional ? "=-" : "=";
  const auto many = option.kind == Kind::texts || option.kind == Kind::files ? "*" : "";
  std::string out =
      fmt::format("      {} \\\n",
                  quoted(fmt::format("{}--{}{}[{}]{}", many, option.name, joint, help, value)));
  if (option.letter)
    out += fmt::format("      {} \\\n",
                       quoted(fmt::format("{}-{}{}[{}]{}", many, option.letter,
                                          option.kind == Kind::flag ? "" : "+", help, value)));
  return out;
}

std::string zsh_arguments(const Program& program, const Command& command) {
  std::string out = "    _arguments -s -S \\\n";
  for (const auto& option : all_options(command)) out += zsh_option(option);
  if (takes_command(command)) return out + "      '(-)1:command:_command_names -e' '*::arguments:_normal'\n";
  if (takes_file(command)) return out + "      '1:file:_files'\n";
  if (command.positionals.empty()) return out + "      '*: :'\n";
  const auto list = listing(program, command);
  std::string action = " ";
  if (!list.empty()) {
    action = list;
    for (const auto& with : command.positionals[0].listed_with)
      action = fmt::format("if (( $words[(I)(--{}|-{})] )); then {}; else {}; fi", with.flag, with.letter,
                           listing(program, with), action);
    action = fmt::format("{{compadd -- $({})}}", action);
  }
  return out + fmt::format("      {}\n",
                           quoted("1:" + escaped(command.positionals[0].value, "[]:\\") + ":" + action));
}

}  // namespace

std::string zsh_completion(const Program& program) {
  std::string out = fmt::format("#compdef {}\n", program.name);
  if (!program.has_subcommands()) return out + zsh_arguments(program, program.commands[0].declare());
  out += "local -a subcommands\nsubcommands=(\n";
  for (const auto& entry : program.commands)
    out += fmt::format("  {}\n", quoted(fmt::format("{}:{}", entry.name,
                                                    escaped(entry.declare().summary, ":\\"))));
  out += "  'help:Show the help of a command'\n"
         ")\nif (( CURRENT == 2 )) && [[ $words[2] != -* ]] ||\n"
         "    (( CURRENT == 3 )) && [[ $words[2] == help ]]; then\n"
         "  _describe command subcommands\n  return\nfi\n"
         "local subcommand=$words[2]\n";
  if (!program.bare.empty())
    out += fmt::format("if [[ $subcommand == -* ]]; then subcommand={}\n"
                       "else words=(\"${{(@)words[2,-1]}}\"); (( CURRENT -= 1 )); fi\n",
                       program.bare);
  out += "case $subcommand in\n";
  for (const auto& entry : program.commands)
    out += fmt::format("  {})\n{}    ;;\n", entry.name, zsh_arguments(program, entry.declare()));
  return out + "esac\n";
}

namespace {

/// LIST, and what is listed instead where a flag is given, for COMMAND, which is typed where CALLED holds.
std::string fish_listing(const Program& program, const Command& command, const std::string& called,
                         const std::string& list) {
  std::string out, others = called;
  for (const auto& with : command.positionals[0].listed_with) {
    const auto given = fmt::format("__fish_contains_opt -s {} {}", with.letter, with.flag);
    out += fmt::format("complete -c {} -n '{}; and {}' -f -a '({})'\n", program.name, called, given,
                       listing(program, with));
    others += fmt::format("; and not {}", given);
  }
  return out + fmt::format("complete -c {} -n '{}' -f -a '({})'\n", program.name, others, list);
}

}  // namespace

std::string fish_completion(const Program& program) {
  std::string out = fmt::format("# fish completion for {}\n", program.name);
  const bool sub = program.has_subcommands();
  if (sub) {
    out += fmt::format("complete -c {} -n __fish_use_subcommand -f\n", program.name);
    for (const auto& entry : program.commands)
      out += fmt::format("complete -c {} -n __fish_use_subcommand -f -a {} -d {}\n", program.name,
                         entry.name, quoted(entry.declare().summary));
    out += fmt::format("complete -c {0} -n __fish_use_subcommand -f -a help -d 'Show the help of a "
                       "command'\ncomplete -c {0} -n '__fish_seen_subcommand_from help' -f -a '{1}'\n",
                       program.name, names(program));
  }
  for (const auto& entry : program.commands) {
    const auto command = entry.declare();
    auto condition = fmt::format("__fish_seen_subcommand_from {}", entry.name);
    if (entry.name == program.bare)
      condition += "; or string match -q -- \"-*\" (commandline -opc)[2]";
    const auto called = condition;
    condition = sub ? fmt::format(" -n '{}'", condition) : "";
    if (takes_command(command))
      out += fmt::format("complete -c {}{} -f -a '(__fish_complete_subcommand --fcs-skip=2)'\n",
                         program.name, condition);
    else if (const auto list = listing(program, command); !list.empty())
      out += fish_listing(program, command, called, list);
    else if (!takes_file(command))
      out += fmt::format("complete -c {}{} -f\n", program.name, condition);
    for (const auto& option : all_options(command)) {
      out += fmt::format("complete -c {}{} -l {}", program.name, condition, option.name);
      if (option.letter) out += fmt::format(" -s {}", option.letter);
      if (option.kind == Kind::choice)
        out += fmt::format(" -x -a {}", quoted(fmt::format("{}", fmt::join(option.choices, " "))));
      else if (option.kind == Kind::file || option.kind == Kind::files)
        out += " -r -F";
      else if (option.kind == Kind::directory)
        out += " -x -a '(__fish_complete_directories)'";
      else if (option.kind != Kind::flag && !option.value_optional)
        out += " -x";
      out += fmt::format(" -d {}\n", quoted(option.help));
    }
  }
  return out;
}

}  // namespace sheepdog::cli
