// sheepdog-guile.cc -- the subcommands of sheepdog that need Guile; started by sheepdog itself.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/scheme_program.hh"

int main(int argc, char** argv) {
  using namespace sheepdog;
  const auto parsed = cli::parse_or_exit(cli::sheepdog_program(), argc, argv);
  const std::string module = "sheepdog command " + parsed.command;
  return run_scheme_program(parsed, module.c_str());
}
