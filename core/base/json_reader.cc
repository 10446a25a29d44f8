// json_reader.cc -- JSON from strangers, read fast.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/json_reader.hh"

#include <fmt/format.h>

#include "base/json.hh"

namespace sheepdog {

namespace {

/// A parser that has grown beyond this for one large text is not kept.
constexpr std::size_t kept_capacity = std::size_t{256} << 10;

/// The parser of this thread, for a text of SIZE bytes.
simdjson::dom::parser& parser_for(std::size_t size) {
  thread_local simdjson::dom::parser parser;
  if (parser.capacity() > kept_capacity && size <= kept_capacity) parser = simdjson::dom::parser();
  // What cannot be allocated now is the error of the parse.
  if (parser.max_depth() != json_depth_limit) (void)!parser.allocate(size, json_depth_limit);
  return parser;
}

}  // namespace

Result<JsonElement> read_json(std::string_view text) {
  JsonElement element;
  if (parser_for(text.size()).parse(text.data(), text.size()).get(element) == simdjson::SUCCESS)
    return element;
  // The other parser says what is wrong and where; or it takes what this one does not, a number of
  // more than 64 bits, and says it as a nearby one.
  const auto built = parse_json(text);
  if (!built) return built.error();
  const auto plain = to_json_text(*built);
  const auto error = parser_for(plain.size()).parse(plain).get(element);
  if (error == simdjson::SUCCESS) return element;
  return Error{ErrorCode::invalid, fmt::format("not JSON: {}", simdjson::error_message(error)), ""};
}

}  // namespace sheepdog
