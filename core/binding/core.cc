// core.cc -- the module of primitives.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "binding/core.hh"

namespace sheepdog::binding {

namespace {

// Never destroyed in a plain Guile, which may run Scheme until its very end.
Core* the_core = nullptr;

}  // namespace

Core& core() { return *the_core; }

void define(const char* name, int required, void* function, int optional) {
  scm_c_define_gsubr(name, required, optional, 0, reinterpret_cast<scm_t_subr>(function));
  scm_c_export(name, nullptr);
}

void define_primitives() {
  if (the_core) return;
  the_core = new Core;
  scm_c_define_module(
      "sheepdog primitives",
      [](void*) {
        define_loop_primitives();
        define_watchdog_primitives();
        define_clock_primitives();
        define_log_primitives();
        define_terminal_primitives();
        define_interrupt_primitives();
        define_json_primitives();
        define_poll_primitives();
        define_local_socket_primitives();
        define_version_primitives();
        define_version_order_primitives();
        define_machine_primitives();
        define_place_primitives();
        define_process_primitives();
        define_question_primitives();
        define_report_primitives();
        define_store_primitives();
        define_reader_primitives();
        define_broker_primitives();
        define_broker_question_primitives();
      },
      nullptr);
}

void close_primitives() {
  close_machine_primitives();
  close_broker_question_primitives();
  close_broker_primitives();
  close_reader_primitives();
  close_store_primitives();
  close_question_primitives();
  close_process_primitives();
  close_local_socket_primitives();
  close_poll_primitives();
  close_watchdog_primitives();
  close_loop_primitives();
  delete the_core;
  the_core = nullptr;
}

}  // namespace sheepdog::binding

