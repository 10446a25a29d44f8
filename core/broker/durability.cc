// durability.cc -- reading Redis' settings for what would lose reports.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/durability.hh"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <memory>

namespace sheepdog {

namespace {

struct Settings {
  std::map<std::string, std::string, std::less<>> values;  ///< of CONFIG, and INFO's before them

  std::string_view get(std::string_view name) const {
    const auto found = values.find(name);
    return found == values.end() ? std::string_view{} : std::string_view{found->second};
  }
};

/// INFO's lines "name:value".
void read_info(std::string_view text, Settings& settings) {
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || line.starts_with('#')) continue;
    auto value = line.substr(colon + 1);
    if (value.ends_with('\r')) value.remove_suffix(1);
    settings.values[std::string(line.substr(0, colon))] = value;
  }
}

int number(std::string_view& text) {
  int n = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), n);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.empty()) text.remove_prefix(1);
  return wrong == std::errc{} ? n : 0;
}

std::vector<std::string> judge(const Settings& settings) {
  std::vector<std::string> faults;
  const auto say = [&](std::string fault) { faults.push_back(std::move(fault)); };

  auto version = settings.get("redis_version");
  const std::string shown(version);
  const int major = number(version);
  const int minor = number(version);
  if (!shown.empty() && (major < 6 || (major == 6 && minor < 2)))
    say(fmt::format("it is Redis {}; trimming the stream needs 6.2 or newer", shown));
  if (settings.get("role") == "slave")
    say("it is a replica and takes no reports; name the primary");

  const auto aof = settings.get("appendonly");
  if (aof == "no" || (aof.empty() && settings.get("aof_enabled") == "0"))
    say("it does not keep a log of what it acknowledged, so a crash forgets reports: set "
        "appendonly yes and appendfsync always");
  else if (const auto sync = settings.get("appendfsync"); sync.empty())
    say("its setting appendfsync cannot be read (the user may not use CONFIG GET): see that it is "
        "always");
  else if (sync != "always")
    say(fmt::format("it syncs its log {}, so a crash forgets what it acknowledged last: set "
                    "appendfsync always",
                    sync == "everysec" ? "only every second" : "never by itself"));
  if (settings.get("aof_last_write_status") == "err")
    say("it could not write its log the last time: look at its disk");

  auto policy = settings.get("maxmemory-policy");
  if (policy.empty()) policy = settings.get("maxmemory_policy");
  if (policy.starts_with("allkeys"))
    say(fmt::format("it deletes whatever it likes when its memory is full (maxmemory-policy {}): "
                    "set noeviction",
                    policy));
  return faults;
}

}  // namespace

void check_durability(RedisConnection& redis,
                      std::function<void(Result<std::vector<std::string>>)> answer) {
  auto settings = std::make_shared<Settings>();
  redis.command({"INFO"}, [settings](const Result<const redisReply*>& reply) {
    if (reply) read_info(text_of(*reply), *settings);
  });
  const auto get = [&](std::string_view name, bool last) {
    redis.command({"CONFIG", "GET", name}, [=](const Result<const redisReply*>& reply) {
      if (reply && (*reply)->type == REDIS_REPLY_ARRAY && (*reply)->elements == 2)
        settings->values[std::string(text_of((*reply)->element[0]))] =
            text_of((*reply)->element[1]);
      if (!last) return;
      // Who may not read CONFIG still gets INFO; with neither there is nothing to judge.
      if (settings->values.empty())
        answer(reply ? Error{ErrorCode::denied, "its settings cannot be read", ""} : reply.error());
      else
        answer(judge(*settings));
    });
  };
  get("appendonly", false);
  get("appendfsync", false);
  get("maxmemory-policy", true);
}

}  // namespace sheepdog
