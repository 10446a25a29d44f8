// watchdog_primitives.cc -- steps of plugins, which must not take long, for Scheme.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <memory>

#include "binding/convert.hh"
#include "binding/core.hh"
#include "binding/watchdog.hh"

namespace sheepdog::binding {

namespace {

std::unique_ptr<Watchdog> watchdog;

// (%watch-steps limit thunk) times steps from now on; THUNK raises in one that took LIMIT seconds. With
// the same THUNK as before the same thread goes on.
SCM watch_steps(SCM limit, SCM abort) {
  expect_argument(scm_is_real(limit), "%watch-steps", 1, limit, "number of seconds");
  expect_argument(scm_is_true(scm_thunk_p(abort)), "%watch-steps", 2, abort, "thunk");
  work("%watch-steps", [&]() -> Result<> {
    const auto micros = to_micros(limit);
    if (!micros) return micros.error();
    const auto limit_micros = std::max<Micros>(*micros, 40'000);
    if (watchdog && watchdog->calls(abort)) watchdog->set_limit(limit_micros);
    else watchdog = std::make_unique<Watchdog>(scm_current_thread(), abort, limit_micros);
    return {};
  });
  return SCM_UNSPECIFIED;
}

// (%step-begin) a step of a plugin begins
SCM step_begin() {
  if (watchdog) watchdog->begin();
  return SCM_UNSPECIFIED;
}

// (%step-end)
SCM step_end() {
  if (watchdog) watchdog->end();
  return SCM_UNSPECIFIED;
}

// (%step-late?) -> true where the running step took too long
SCM step_late() { return scm_from_bool(watchdog && watchdog->is_late()); }

}  // namespace

void define_watchdog_primitives() {
  define("%watch-steps", 2, reinterpret_cast<void*>(watch_steps));
  define("%step-begin", 0, reinterpret_cast<void*>(step_begin));
  define("%step-end", 0, reinterpret_cast<void*>(step_end));
  define("%step-late?", 0, reinterpret_cast<void*>(step_late));
}

void close_watchdog_primitives() { watchdog.reset(); }

}  // namespace sheepdog::binding
