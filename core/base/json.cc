// json.cc -- JSON from strangers and to them.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/json.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace sheepdog {

namespace {

/// How deep brackets nest in TEXT, counted before anything is built of it.
std::size_t nesting(std::string_view text) {
  std::size_t deepest = 0;
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      else if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

/// Behind the string that begins at AT.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; text[at] != '"'; ++at)
    if (text[at] == '\\') ++at;
  return at + 1;
}

/// At the comma behind the value that begins at AT or later, or at the brace that ends its object.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (true) {
    const char c = text[at];
    if (depth == 0 && (c == ',' || c == '}')) return at;
    if (c == '"') {
      at = end_of_string(text, at);
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++at;
  }
}

}  // namespace

Result<Json> parse_json(std::string_view text) {
  if (nesting(text) > json_depth_limit)
    return Error{ErrorCode::invalid,
                 fmt::format("JSON nested deeper than {} levels", json_depth_limit), ""};
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::parse_error& e) {
    return Error{ErrorCode::invalid, fmt::format("not JSON: wrong at byte {}", e.byte), ""};
  } catch (const Json::exception&) {
    return Error{ErrorCode::invalid, "not JSON: a number is out of range", ""};
  }
}

std::string to_json_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string with_members(std::string_view object, const Json& members) {
  std::string out;
  auto at = object.find('{') + 1;
  while (true) {
    at = object.find_first_not_of(" \t\r\n", at);
    if (object[at] == '}') break;
    const auto name_end = end_of_string(object, at);
    const auto end = end_of_value(object, name_end);
    // A name may be written with escapes.
    const auto name = Json::parse(object.substr(at, name_end - at)).get<std::string>();
    if (!members.contains(name)) {
      out += out.empty() ? '{' : ',';
      out += object.substr(at, end - at);
    }
    at = object[end] == ',' ? end + 1 : end;
  }
  for (const auto& [name, value] : members.items()) {
    out += out.empty() ? '{' : ',';
    out += to_json_text(name) + ':' + to_json_text(value);
  }
  return out.empty() ? "{}" : out + '}';
}

}  // namespace sheepdog
