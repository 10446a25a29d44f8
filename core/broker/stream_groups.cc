// stream_groups.cc -- asking Redis about the groups of the stream.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/stream_groups.hh"

#include <algorithm>
#include <memory>

namespace sheepdog {

namespace {

constexpr Micros micros_per_milli = 1000;

/// The value of FIELD in a reply of names and values; null where it has none.
const redisReply* field_of(const redisReply* reply, std::string_view field) {
  if (reply->type != REDIS_REPLY_ARRAY) return nullptr;
  for (std::size_t i = 0; i + 1 < reply->elements; i += 2)
    if (text_of(reply->element[i]) == field) return reply->element[i + 1];
  return nullptr;
}

std::int64_t number_of(const redisReply* reply, std::string_view field) {
  const auto* value = field_of(reply, field);
  return value && value->type == REDIS_REPLY_INTEGER ? value->integer : 0;
}

EntryKey key_of(const redisReply* reply, std::string_view field) {
  const auto* value = field_of(reply, field);
  return value ? parse_stream_id(text_of(value)).value_or(EntryKey{}) : EntryKey{};
}

Micros time_of(const EntryKey& key) { return static_cast<Micros>(key.major) * micros_per_milli; }

struct Look {
  std::string stream;
  EntryKey newest;
  std::vector<StreamGroup> groups;
  std::size_t next = 0;  ///< of the groups, to be asked about
  std::function<void(Result<std::vector<StreamGroup>>)> answer;
};

void ask_for_details(RedisConnection& redis, const std::shared_ptr<Look>& look) {
  if (look->next == look->groups.size()) return look->answer(std::move(look->groups));
  const std::string name = look->groups[look->next].name;
  redis.command({"XPENDING", look->stream, name}, [look](const Result<const redisReply*>& reply) {
    auto& group = look->groups[look->next];
    // The number of them, and the least of their keys.
    if (!reply || (*reply)->type != REDIS_REPLY_ARRAY || (*reply)->elements < 2) return;
    if (const auto least = parse_stream_id(text_of((*reply)->element[1])))
      group.needed_since = std::min(group.needed_since, time_of(*least));
  });
  redis.command({"XINFO", "CONSUMERS", look->stream, name},
                [&redis, look](const Result<const redisReply*>& reply) {
                  auto& group = look->groups[look->next];
                  if (reply && (*reply)->type == REDIS_REPLY_ARRAY)
                    for (std::size_t i = 0; i < (*reply)->elements; ++i) {
                      const Micros idle =
                          number_of((*reply)->element[i], "idle") * micros_per_milli;
                      group.idle = group.idle ? std::min(*group.idle, idle) : idle;
                    }
                  else if (!reply && !redis.is_up()) return look->answer(reply.error());
                  ++look->next;
                  ask_for_details(redis, look);
                });
}

}  // namespace

void look_at_groups(RedisConnection& redis, std::string stream,
                    std::function<void(Result<std::vector<StreamGroup>>)> answer) {
  auto look = std::make_shared<Look>();
  look->stream = std::move(stream);
  look->answer = std::move(answer);
  redis.command({"XINFO", "STREAM", look->stream}, [look](const Result<const redisReply*>& reply) {
    if (reply) look->newest = key_of(*reply, "last-generated-id");
  });
  redis.command({"XINFO", "GROUPS", look->stream},
                [&redis, look](const Result<const redisReply*>& reply) {
                  if (!reply) {
                    // Without a stream nobody reads it.
                    if (reply.error().message.find("no such key") != std::string::npos)
                      return look->answer(std::vector<StreamGroup>{});
                    return look->answer(reply.error());
                  }
                  if ((*reply)->type == REDIS_REPLY_ARRAY)
                    for (std::size_t i = 0; i < (*reply)->elements; ++i) {
                      const auto* told = (*reply)->element[i];
                      const auto* name = field_of(told, "name");
                      if (!name) continue;
                      StreamGroup group;
                      group.name = text_of(name);
                      group.pending = number_of(told, "pending");
                      const auto delivered = key_of(told, "last-delivered-id");
                      group.behind = delivered < look->newest;
                      group.needed_since = time_of(delivered);
                      look->groups.push_back(std::move(group));
                    }
                  ask_for_details(redis, look);
                });
}

}  // namespace sheepdog
