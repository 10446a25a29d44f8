// batch.cc -- names of outcomes; making dead letters.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/batch.hh"

#include <array>

namespace sheepdog {

namespace assertion {

namespace {
constexpr std::array<std::string_view, 6> outcome_names{"succeeded", "failed",    "timed-out",
                                                        "vanished",  "cancelled", "unknown"};
}  // namespace

std::string_view to_string(Outcome outcome) {
  return outcome_names[static_cast<std::size_t>(outcome)];
}

Result<Outcome> parse_outcome(std::string_view name) {
  for (std::size_t i = 0; i < outcome_names.size(); ++i)
    if (outcome_names[i] == name) return static_cast<Outcome>(i);
  return Error{ErrorCode::invalid, "not the outcome of a run", std::string(name.substr(0, 64))};
}

}  // namespace assertion

namespace {

std::string shortened(std::string text) {
  if (text.size() <= dead_letter_reason_limit) return text;
  auto end = dead_letter_reason_limit;
  // Not within a character of UTF-8.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text + "…";
}

}  // namespace

DeadLetter make_dead_letter(std::string_view body, std::string reason, Micros time,
                            std::optional<Uuid> id) {
  return {.time = time,
          .reason = shortened(std::move(reason)),
          .body = std::string(body.substr(0, dead_letter_body_limit)),
          .length = static_cast<std::int64_t>(body.size()),
          .sha256 = sha256_hex(body),
          .id = id};
}

}  // namespace sheepdog
