// convert.hh -- values from C++ to Scheme and back.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <libguile.h>

#include <string>
#include <string_view>

#include "base/json.hh"
#include "base/report.hh"
#include "base/result.hh"
#include "binding/guile.hh"
#include "sqlite/value.hh"

namespace sheepdog::binding {

/// TEXT as a Scheme string; bytes that are not UTF-8 are shown as U+FFFD, so this never raises.
SCM to_scm(std::string_view text);

/// A Scheme string or symbol as UTF-8. VALUE must be one: check first.
std::string to_string(SCM value);

/// JSON as Scheme: objects are alists with string keys, arrays vectors, null the symbol null.
SCM to_scm(const Json& value);

/// Scheme as JSON: the reverse, where keys may also be symbols and symbols become strings.
/// Error: invalid, naming what has no JSON form; nesting beyond json_depth_limit.
Result<Json> to_json(SCM value);

/// A SQL value: NULL is #f.
SCM to_scm(const Value& value);

/// Strings, symbols, numbers, bytevectors; #t is 1 and #f is NULL. Error: invalid.
Result<Value> to_value(SCM value);

/// An error as callbacks are given it: the pair (code . message), code a symbol such as timeout.
SCM to_scm(const Error& error);
SCM code_to_scm(ErrorCode code);

/// Microseconds as exact or inexact seconds, and back.
SCM seconds_to_scm(Micros time);
Result<Micros> to_micros(SCM seconds);

}  // namespace sheepdog::binding
