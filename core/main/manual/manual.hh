// manual.hh -- man pages and completions, made from the declarations of the commands.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "main/cli.hh"

namespace sheepdog::cli {

/// The page of a program; its subcommands have pages of their own.
std::string man_page(const Program& program);
/// "sheepdog-run"
std::string man_page(const Program& program, const Command& command);

std::string bash_completion(const Program& program);
std::string zsh_completion(const Program& program);
std::string fish_completion(const Program& program);

}  // namespace sheepdog::cli
