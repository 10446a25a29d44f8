// sheepdog-question.cc -- answers one question that is not trusted; started by whoever was asked.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// It is told what is asked on its standard input, answers on its standard output, and confines itself
// between; see guile/sheepdog/query/asking/confined.scm.
#include "main/scheme_program.hh"
#include "process/confine.hh"

int main() {
  sheepdog::close_inherited();
  sheepdog::stand_back();
  const sheepdog::cli::Parsed nothing{"question", {}, {}};
  return sheepdog::run_scheme_program(nothing, "sheepdog query asking confined");
}
