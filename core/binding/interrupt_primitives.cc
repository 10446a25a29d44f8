// interrupt_primitives.cc -- Ctrl-C while the store is read.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Guile calls a handler of signals between two steps of Scheme, and reading the store is one step,
// which may be long. So is waiting for what is typed: it looks whether there is a handler to be called
// when a signal comes, which is before the thread that hands it over has done so; hence more signals
// follow until it is taken.
#include <ctime>

#include <csignal>

#include "binding/core.hh"
#include "binding/interrupt.hh"

namespace sheepdog::binding {

namespace {

std::atomic<bool> interrupt{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a handler of signals sets it");

void (*handler_of_guile)(int) = nullptr;
timer_t reminder;  ///< of SIGURG, which nobody else has a use for here

void remind(bool whether) {
  const timespec pause{0, whether ? 20'000'000 : 0};
  const itimerspec times{pause, pause};
  timer_settime(reminder, 0, &times, nullptr);
}

void note_interrupt(int number) {
  handler_of_guile(number);
  interrupt.store(true);
  remind(true);
}

bool make_reminder() {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGURG;
  return sigaction(SIGURG, &action, nullptr) == 0 &&
         timer_create(CLOCK_MONOTONIC, &event, &reminder) == 0;
}

// (%stop-reading-at-interrupt): from now on an interrupt, for which Guile has a handler, ends what
// is being read from the store; the handler then calls %interrupt-taken
SCM stop_reading_at_interrupt() {
  struct sigaction action {};
  sigaction(SIGINT, nullptr, &action);
  if (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN)
    scm_misc_error("%stop-reading-at-interrupt", "there is no handler", SCM_EOL);
  if (action.sa_handler == note_interrupt) return SCM_UNSPECIFIED;
  if (handler_of_guile == nullptr && !make_reminder()) scm_syserror("%stop-reading-at-interrupt");
  handler_of_guile = action.sa_handler;
  action.sa_handler = note_interrupt;
  sigaction(SIGINT, &action, nullptr);
  return SCM_UNSPECIFIED;
}

// (%interrupt-taken): what is read from now on is read
SCM interrupt_taken() {
  interrupt.store(false);
  if (handler_of_guile != nullptr) remind(false);
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
