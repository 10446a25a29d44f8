// stream_format.cc -- entries to and from the Redis stream.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/stream_format.hh"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/report.hh"
#include "broker/redis_connection.hh"
#include "broker/spool_entry.hh"

namespace sheepdog {

std::vector<std::string_view> xadd_command(std::string_view stream, const Entry& entry) {
  if (entry.fault.empty() && entry.stamped && entry.body.size() > report_size_limit)
    return {"XADD", stream, "*", "report", entry.body, "stamped", "1"};
  if (entry.fault.empty()) return {"XADD", stream, "*", "report", entry.body};
  return {"XADD", stream, "*", "dead", entry.body, "fault", entry.fault};
}

std::optional<EntryKey> parse_stream_id(std::string_view text) {
  EntryKey key;
  const auto end = text.data() + text.size();
  const auto [dash, wrong] = std::from_chars(text.data(), end, key.major);
  if (wrong != std::errc{} || dash == end || *dash != '-') return std::nullopt;
  const auto [at, failed] = std::from_chars(dash + 1, end, key.minor);
  if (failed != std::errc{} || at != end) return std::nullopt;
  return key;
}

std::optional<Entry> read_stream_entry(const redisReply* reply) {
  if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) return std::nullopt;
  const auto key = parse_stream_id(text_of(reply->element[0]));
  if (!key) return std::nullopt;
  Entry entry;
  entry.key = *key;
  // Whoever adds an entry may choose its id.
  constexpr std::uint64_t latest = std::numeric_limits<Micros>::max() / 1000;
  entry.arrival = static_cast<Micros>(std::min<std::uint64_t>(key->major, latest)) * 1000;
  const auto* fields = reply->element[1];
  if (fields->type != REDIS_REPLY_ARRAY) {
    entry.fault = "deleted from the stream before it was received";
    return entry;
  }
  std::optional<std::string_view> report;
  std::string_view dead;
  std::string_view fault;
  std::string shown;
  for (std::size_t i = 0; i + 1 < fields->elements; i += 2) {
    const auto name = text_of(fields->element[i]);
    const auto value = text_of(fields->element[i + 1]);
    if (name == "report" && !report) report = value;
    if (name == "stamped") entry.stamped = true;
    if (name == "dead") dead = value;
    if (name == "fault") fault = value;
    if (shown.size() < dead_letter_limit)
      shown.append(name.substr(0, dead_letter_limit)).append("=").append(
          value.substr(0, dead_letter_limit)).append("\n");
  }
  if (report) {
    entry.body = *report;
  } else if (!fault.empty()) {
    entry.body = dead;
    entry.fault = fault;
  } else {
    shown.resize(std::min(shown.size(), dead_letter_limit));
    entry.body = std::move(shown);
    entry.fault = "a stream entry without a field named report";
  }
  return entry;
}

}  // namespace sheepdog
