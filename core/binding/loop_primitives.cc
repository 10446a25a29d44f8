// loop_primitives.cc -- the loop, and what it waits for, for Scheme: timers and signals.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <optional>

#include "binding/convert.hh"
#include "binding/core.hh"
#include "loop/signal.hh"
#include "loop/timer.hh"

namespace sheepdog::binding {

namespace {

struct LoopTables {
  Table<Timer> timers;
  Table<Signal> signals;
};

std::optional<LoopTables> tables;

// (%timer-start seconds thunk) -> number; THUNK is called once
SCM timer_start(SCM seconds, SCM thunk) {
  expect_argument(scm_is_real(seconds), "%timer-start", 1, seconds, "number of seconds");
  expect_argument(scm_is_true(scm_thunk_p(thunk)), "%timer-start", 2, thunk, "thunk");
  std::int64_t id = 0;
  work("%timer-start", [&]() -> Result<> {
    const auto delay = to_micros(seconds);
    if (!delay) return delay.error();
    auto timer = std::make_unique<Timer>(core().loop);
    auto* raw = timer.get();
    id = tables->timers.add(std::move(timer));
    raw->once(*delay, [id, kept = Kept(thunk)] {
      const Kept call_it = kept;
      tables->timers.remove(id);
      call_or_log("timer", call_it);
    });
    return {};
  });
  return scm_from_int64(id);
}

// (%timer-stop number)
SCM timer_stop(SCM id) {
  expect_argument(scm_is_signed_integer(id, 0, INT64_MAX), "%timer-stop", 1, id, "timer");
  tables->timers.remove(scm_to_int64(id));
  return SCM_UNSPECIFIED;
}

// (%on-signal signal-number procedure) -> number; PROCEDURE is called with the signal's number
SCM on_signal(SCM number, SCM procedure) {
  expect_argument(scm_is_signed_integer(number, 1, 64), "%on-signal", 1, number, "signal");
  expect_argument(scm_is_true(scm_procedure_p(procedure)), "%on-signal", 2, procedure, "procedure");
  std::int64_t id = 0;
  work("%on-signal", [&]() -> Result<> {
    id = tables->signals.add(std::make_unique<Signal>(
        core().loop, scm_to_int(number),
        [kept = Kept(procedure)](int n) { call_or_log("signal", kept, {scm_from_int(n)}); }));
    return {};
  });
  return scm_from_int64(id);
}

// (%loop-turn) -> true while something is left; waits for one event
SCM loop_turn() {
  bool more = false;
  work("%loop-turn", [&]() -> Result<> {
    more = core().loop.run_once();
    return {};
  });
  return scm_from_bool(more);
}

// (%loop-run) runs until %loop-stop
SCM loop_run() {
  work("%loop-run", [&]() -> Result<> {
    core().loop.run();
    return {};
  });
  return SCM_UNSPECIFIED;
}

// (%loop-stop)
SCM loop_stop() {
  core().loop.stop();
  return SCM_UNSPECIFIED;
}

// (%post thunk) calls THUNK in the next turn
SCM post(SCM thunk) {
  expect_argument(scm_is_true(scm_thunk_p(thunk)), "%post", 1, thunk, "thunk");
  work("%post", [&]() -> Result<> {
    core().loop.post([kept = Kept(thunk)] { call_or_log("posted", kept); });
    return {};
  });
  return SCM_UNSPECIFIED;
}

}  // namespace

void define_loop_primitives() {
  tables.emplace();
  define("%timer-start", 2, reinterpret_cast<void*>(timer_start));
  define("%timer-stop", 1, reinterpret_cast<void*>(timer_stop));
  define("%on-signal", 2, reinterpret_cast<void*>(on_signal));
  define("%loop-turn", 0, reinterpret_cast<void*>(loop_turn));
  define("%loop-run", 0, reinterpret_cast<void*>(loop_run));
  define("%loop-stop", 0, reinterpret_cast<void*>(loop_stop));
  define("%post", 1, reinterpret_cast<void*>(post));
}

void close_loop_primitives() { tables.reset(); }

}  // namespace sheepdog::binding
