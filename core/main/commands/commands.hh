// commands.hh -- the declarations of all commands, each in the file of its name.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "main/cli.hh"

namespace sheepdog::cli {

Command declare_run();
Command declare_send();
Command declare_import();
Command declare_status();
Command declare_history();
Command declare_query();
Command declare_repl();
Command declare_plugins();
Command declare_try_plugin();
Command declare_check();
Command declare_doctor();
Command declare_daemon();
Command declare_queue_daemon();

// Options that several commands share; what they mean differs, so their help is each command's own.
Option state_dir_option();  ///< where the command keeps or hands in something
Option store_dir_option();  ///< where it reads
Option unused_dir_option();  ///< where it does neither
Option broker_option(std::string_view help);
Option config_option(std::string_view help);
Option json_option();
Option csv_option();

}  // namespace sheepdog::cli
