// json_reader.hh -- JSON from strangers, read fast.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What every report goes through is read by simdjson; base/json.hh is for what is built, changed or
// read now and then.
#pragma once

#include <simdjson.h>

#include <string_view>

#include "base/result.hh"

namespace sheepdog {

using JsonElement = simdjson::dom::element;

/// The value of TEXT, as strictly as parse_json and with its errors. It lives until the next call on
/// the same thread.
Result<JsonElement> read_json(std::string_view text);

}  // namespace sheepdog
