// json.hh -- JSON from strangers and to them.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.hh"

namespace sheepdog {

using Json = nlohmann::json;

constexpr std::size_t json_depth_limit = 64;

/// Parse TEXT, strictly: one value, UTF-8, no lone surrogates, nesting of at most
/// json_depth_limit. Error: invalid, saying what and at which byte.
Result<Json> parse_json(std::string_view text);

/// JSON on one line. Bytes that are not UTF-8 become U+FFFD, so this cannot fail.
std::string to_json_text(const Json& value);

/// OBJECT, the text of a JSON object that parse_json accepts, with MEMBERS instead of those of the
/// same names; the rest stays as it was written, so that it gets longer by MEMBERS at most.
std::string with_members(std::string_view object, const Json& members);

}  // namespace sheepdog
