// clock_primitives.cc -- the clocks, lengths of time and identifiers, for Scheme.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/duration.hh"
#include "binding/convert.hh"
#include "binding/core.hh"

namespace sheepdog::binding {

namespace {

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

}  // namespace

void define_clock_primitives() {
  define("%now", 0, reinterpret_cast<void*>(now));
  define("%monotonic", 0, reinterpret_cast<void*>(monotonic));
  define("%parse-duration", 1, reinterpret_cast<void*>(parse_duration_of));
  define("%uuid", 0, reinterpret_cast<void*>(uuid));
  define("%derive-uuid", 1, reinterpret_cast<void*>(derived_uuid));
}

}  // namespace sheepdog::binding
