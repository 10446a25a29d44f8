// programs.cc -- the programs that people start.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

const Program& sheepdog_program() {
  static const Program program{
      .name = "sheepdog",
      .summary = "Watch a herd of machines and what runs on them",
      .description =
          "Sheepdog wraps, schedules and supervises what runs on your machines, watches the machines "
          "themselves, and turns everything it sees into reports, about which you can ask questions.\n\n"
          "An option in the place of the command means run: sheepdog -e \"CMD\" is sheepdog run -e "
          "\"CMD\".",
      .section = 1,
      .commands = {{"run", declare_run},
                   {"send", declare_send},
                   {"import", declare_import},
                   {"status", declare_status},
                   {"history", declare_history},
                   {"query", declare_query},
                   {"repl", declare_repl},
                   {"plugins", declare_plugins},
                   {"try-plugin", declare_try_plugin},
                   {"check", declare_check},
                   {"doctor", declare_doctor}},
      .bare = "run"};
  return program;
}

const Program& daemon_program() {
  static const Program program{.name = "sheepdog-daemon",
                               .summary = "Watch this machine and hand in what is seen",
                               .description = {},
                               .section = 8,
                               .commands = {{"sheepdog-daemon", declare_daemon}}};
  return program;
}

const Program& queue_daemon_program() {
  static const Program program{.name = "sheepdog-queue-daemon",
                               .summary = "Receive the herd's reports into the store",
                               .description = {},
                               .section = 8,
                               .commands = {{"sheepdog-queue-daemon", declare_queue_daemon}}};
  return program;
}

std::vector<const Program*> all_programs() {
  return {&sheepdog_program(), &daemon_program(), &queue_daemon_program()};
}

}  // namespace sheepdog::cli
