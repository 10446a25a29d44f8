// forwarder.cc -- from the spool to Redis.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/forwarder.hh"

#include <algorithm>

#include "base/log.hh"

namespace sheepdog {

namespace {

RedisOptions connection_options(const ForwarderOptions& options) {
  RedisOptions redis;
  redis.reply_timeout = options.reply_timeout;
  redis.announce = true;
  return redis;
}

}  // namespace

Forwarder::Forwarder(Loop& loop, Random& random, Source& from, const BrokerAddress& to,
                     ForwarderOptions options)
    : from_(from),
      options_(std::move(options)),
      random_(random),
      redis_(loop, random, to, connection_options(options_),
             {[this] { send(); }, [this](const Error& why) { trouble_ = why.text(); }}),
      pause_(loop) {
  take();
}

void Forwarder::take() {
  from_.next(options_.batch, lifeline_.tie([this](Result<Source::Batch> batch) {
    if (!batch) {
      log::error("spool: {}", batch.error().text());
      pause_.once(options_.longest_pause, [this] { take(); });
      return;
    }
    batch_ = *std::move(batch);
    send();
  }));
}

/// All or nothing, so that a refusal in the middle cannot let an entry overtake another.
void Forwarder::send() {
  if (batch_.empty() || sending_ || pause_.is_active() || !redis_.is_up()) return;
  sending_ = true;
  redis_.command({"MULTI"}, [this](const Result<const redisReply*>& reply) {
    if (!reply) return again(reply.error());
    send_entries();
  });
}

void Forwarder::send_entries() {
  auto refusal = std::make_shared<std::optional<Error>>();
  for (const auto& entry : batch_)
    redis_.command(xadd_command(options_.stream, entry),
                   [refusal](const Result<const redisReply*>& reply) {
                     if (!reply && !*refusal) *refusal = reply.error();
                   });
  redis_.command({"EXEC"}, [this, refusal](const Result<const redisReply*>& reply) {
    if (*refusal) return again(**refusal);  // says more than that EXEC was given up
    sent(reply);
  });
}

void Forwarder::sent(const Result<const redisReply*>& reply) {
  if (!reply) return again(reply.error());
  for (std::size_t i = 0; i < (*reply)->elements; ++i)
    if ((*reply)->element[i]->type == REDIS_REPLY_ERROR)
      return again(redis_error(text_of((*reply)->element[i])));
  if ((*reply)->elements != batch_.size())
    return again({ErrorCode::corrupt, "an answer to EXEC that does not fit", ""});
  sending_ = false;
  refusals_ = 0;
  trouble_.clear();
  std::vector<EntryKey> keys;
  keys.reserve(batch_.size());
  for (const auto& entry : batch_) keys.push_back(entry.key);
  batch_.clear();
  from_.acknowledge(std::move(keys), [](const Result<>& released) {
    if (!released) log::warning("spool: {}", released.error().text());
  });
  take();
}

void Forwarder::again(const Error& why) {
  sending_ = false;
  trouble_ = why.text();
  if (!redis_.is_up()) return;  // sent again when it is
  if (refusals_ == 0)
    log::warning("broker {}: {}; trying again", redis_.address().text(), why.text());
  const Micros pause = std::min(options_.longest_pause,
                                options_.shortest_pause * (Micros{1} << std::min(refusals_++, 20)));
  std::uint8_t dice = 0;
  random_.fill({&dice, 1});
  if (why.message.starts_with("READONLY")) return redis_.renew(why);
  pause_.once(pause / 2 + pause / 2 * dice / 256, [this] { send(); });
}

}  // namespace sheepdog
