// interrupt_primitives.cc -- Ctrl-C while the store is read.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Guile calls a handler of signals between two steps of Scheme, and reading the store is one step,
// which may be long.
#include <ctime>

#include <csignal>

#include "binding/core.hh"
#include "binding/interrupt.hh"

namespace sheepdog::binding {

namespace {

std::atomic<bool> interrupt{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a handler of signals sets it");

void (*handler_of_guile)(int) = nullptr;

void note_interrupt(int number) {
  handler_of_guile(number);
  interrupt.store(true);
}

// (%stop-reading-at-interrupt): from now on an interrupt, for which Guile has a handler, ends what
// is being read from the store; the handler then calls %interrupt-taken
SCM stop_reading_at_interrupt() {
  struct sigaction action {};
  sigaction(SIGINT, nullptr, &action);
  if (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN)
    scm_misc_error("%stop-reading-at-interrupt", "there is no handler", SCM_EOL);
  if (action.sa_handler == note_interrupt) return SCM_UNSPECIFIED;
  handler_of_guile = action.sa_handler;
  action.sa_handler = note_interrupt;
  sigaction(SIGINT, &action, nullptr);
  return SCM_UNSPECIFIED;
}

// (%interrupt-taken): what is read from now on is read
SCM interrupt_taken() {
  interrupt.store(false);
  return SCM_UNSPECIFIED;
}

}  // namespace

const std::atomic<bool>& interrupted() { return interrupt; }

void take_interrupt() {
  // A thread of Guile's hands it to us.
  for (int n = 0; n < 2000 && interrupt.load(); ++n) {
    scm_async_tick();
    const timespec moment{0, 1'000'000};
    nanosleep(&moment, nullptr);
  }
  interrupt.store(false);
}

void define_interrupt_primitives() {
  define("%stop-reading-at-interrupt", 0, reinterpret_cast<void*>(stop_reading_at_interrupt));
  define("%interrupt-taken", 0, reinterpret_cast<void*>(interrupt_taken));
}

}  // namespace sheepdog::binding
