// sheepdog-queue-daemon.cc -- entry of the program; its work is (sheepdog queue-daemon).
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/scheme_program.hh"
#include "sqlite/db.hh"

int main(int argc, char** argv) {
  using namespace sheepdog;
  let_sqlite_not_count_memory();
  return run_scheme_program(cli::parse_or_exit(cli::queue_daemon_program(), argc, argv), "sheepdog queue-daemon");
}
