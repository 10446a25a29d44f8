// loop_primitives.cc -- timers, signals, the loop, the clocks, the log and JSON for Scheme.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/ioctl.h>

#include <optional>

#include "base/duration.hh"
#include "base/log.hh"
#include "binding/convert.hh"
#include "binding/core.hh"
#include "binding/watchdog.hh"
#include "loop/signal.hh"
#include "loop/timer.hh"

namespace sheepdog::binding {

namespace {

struct LoopTables {
  Table<Timer> timers;
  Table<Signal> signals;
  std::unique_ptr<Watchdog> watchdog;
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

// (%now) -> seconds since the epoch, UTC
SCM now() { return scm_from_double(static_cast<double>(core().clock.now()) / 1e6); }

// (%monotonic) -> seconds on a clock that never goes back
SCM monotonic() { return scm_from_double(static_cast<double>(core().clock.monotonic()) / 1e6); }

// (%parse-duration text) -> seconds, or #f where TEXT is no duration
SCM parse_duration_of(SCM text) {
  expect_argument(scm_is_string(text), "%parse-duration", 1, text, "string");
  SCM seconds = SCM_BOOL_F;
  work("%parse-duration", [&]() -> Result<> {
    if (const auto duration = parse_duration(to_string(text))) seconds = seconds_to_scm(*duration);
    return {};
  });
  return seconds;
}

// (%uuid) -> a fresh UUIDv7 as text
SCM uuid() { return to_scm(std::string_view(core().ids.next().text())); }

// (%derive-uuid text) -> the UUID that belongs to TEXT, as text
SCM derived_uuid(SCM text) {
  expect_argument(scm_is_string(text), "%derive-uuid", 1, text, "string");
  SCM uuid_text = SCM_BOOL_F;
  work("%derive-uuid", [&]() -> Result<> {
    uuid_text = to_scm(std::string_view(derive_uuid(to_string(text)).text()));
    return {};
  });
  return uuid_text;
}

constexpr const char* level_names[] = {"debug", "info", "notice", "warning", "error"};

std::optional<log::Level> level_of(SCM symbol) {
  for (int i = 0; i < 5; ++i)
    if (scm_is_eq(symbol, scm_from_utf8_symbol(level_names[i]))) return static_cast<log::Level>(i);
  return std::nullopt;
}

// (%log level message); LEVEL is debug, info, notice, warning or error
SCM log_message(SCM level, SCM message) {
  expect_argument(level_of(level).has_value(), "%log", 1, level, "level");
  expect_argument(scm_is_string(message), "%log", 2, message, "string");
  work("%log", [&]() -> Result<> {
    log::write(*level_of(level), to_string(message));
    return {};
  });
  return SCM_UNSPECIFIED;
}

// (%set-log-level level)
SCM set_log_level(SCM level) {
  expect_argument(level_of(level).has_value(), "%set-log-level", 1, level, "level");
  log::set_level(*level_of(level));
  return SCM_UNSPECIFIED;
}

// (%terminal-width fd) -> columns, or #f where it is no terminal or does not tell
SCM terminal_width(SCM fd) {
  expect_argument(scm_is_signed_integer(fd, 0, INT32_MAX), "%terminal-width", 1, fd,
                  "file descriptor");
  winsize size{};
  if (ioctl(scm_to_int(fd), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return SCM_BOOL_F;
  return scm_from_int(size.ws_col);
}

// (%json->scm string) -> value
SCM json_to_scm(SCM text) {
  expect_argument(scm_is_string(text), "%json->scm", 1, text, "string");
  SCM value = SCM_BOOL_F;
  work("%json->scm", [&]() -> Result<> {
    const auto json = parse_json(to_string(text));
    if (!json) return json.error();
    value = to_scm(*json);
    return {};
  });
  return value;
}

// (%scm->json value) -> string
SCM scm_to_json(SCM value) {
  SCM text = SCM_BOOL_F;
  work("%scm->json", [&]() -> Result<> {
    const auto json = to_json(value);
    if (!json) return json.error();
    text = to_scm(std::string_view(to_json_text(*json)));
    return {};
  });
  return text;
}

// (%watch-steps limit thunk) times steps from now on; THUNK raises in one that took LIMIT seconds
SCM watch_steps(SCM limit, SCM abort) {
  expect_argument(scm_is_real(limit), "%watch-steps", 1, limit, "number of seconds");
  expect_argument(scm_is_true(scm_thunk_p(abort)), "%watch-steps", 2, abort, "thunk");
  work("%watch-steps", [&]() -> Result<> {
    const auto micros = to_micros(limit);
    if (!micros) return micros.error();
    tables->watchdog =
        std::make_unique<Watchdog>(scm_current_thread(), abort, std::max<Micros>(*micros, 40'000));
    return {};
  });
  return SCM_UNSPECIFIED;
}

// (%step-begin) a step of a plugin begins
SCM step_begin() {
  if (tables->watchdog) tables->watchdog->begin();
  return SCM_UNSPECIFIED;
}

// (%step-end)
SCM step_end() {
  if (tables->watchdog) tables->watchdog->end();
  return SCM_UNSPECIFIED;
}

// (%step-late?) -> true where the running step took too long
SCM step_late() { return scm_from_bool(tables->watchdog && tables->watchdog->is_late()); }

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
  define("%now", 0, reinterpret_cast<void*>(now));
  define("%parse-duration", 1, reinterpret_cast<void*>(parse_duration_of));
  define("%monotonic", 0, reinterpret_cast<void*>(monotonic));
  define("%uuid", 0, reinterpret_cast<void*>(uuid));
  define("%derive-uuid", 1, reinterpret_cast<void*>(derived_uuid));
  define("%log", 2, reinterpret_cast<void*>(log_message));
  define("%set-log-level", 1, reinterpret_cast<void*>(set_log_level));
  define("%terminal-width", 1, reinterpret_cast<void*>(terminal_width));
  define("%json->scm", 1, reinterpret_cast<void*>(json_to_scm));
  define("%scm->json", 1, reinterpret_cast<void*>(scm_to_json));
  define("%watch-steps", 2, reinterpret_cast<void*>(watch_steps));
  define("%step-begin", 0, reinterpret_cast<void*>(step_begin));
  define("%step-end", 0, reinterpret_cast<void*>(step_end));
  define("%step-late?", 0, reinterpret_cast<void*>(step_late));
}

void close_loop_primitives() { tables.reset(); }

}  // namespace sheepdog::binding
