// log_primitives.cc -- the log for Scheme.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/log.hh"

#include <optional>

#include "binding/convert.hh"
#include "binding/core.hh"

namespace sheepdog::binding {

namespace {

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

}  // namespace

void define_log_primitives() {
  define("%log", 2, reinterpret_cast<void*>(log_message));
  define("%set-log-level", 1, reinterpret_cast<void*>(set_log_level));
}

}  // namespace sheepdog::binding
