// redis_source.cc -- reading the stream as one consumer group.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/redis_source.hh"

#include <algorithm>

#include "base/log.hh"

namespace sheepdog {

namespace {

constexpr const char* consumer = "receiver";
constexpr std::size_t most_of_a_read = 10'000;

/// A reply this many times larger than aimed at is not waited for: fewer are asked for instead.
constexpr std::size_t break_factor = 4;

RedisOptions reader_options(const RedisSourceOptions& options) {
  RedisOptions reader;
  reader.reply_timeout = options.wait + 10 * micros_per_second;
  reader.reply_limit = break_factor * options.reply_size;
  reader.announce = true;
  return reader;
}

std::size_t size_of(const Entry& entry) { return entry.body.size() + 64; }

}  // namespace

RedisSource::RedisSource(Loop& loop, Random& random, const BrokerAddress& address,
                         RedisSourceOptions options)
    : loop_(loop),
      options_(std::move(options)),
      reader_(loop, random, address, reader_options(options_),
              {[this] {
                 history_ = true;  // a reply may have been lost with the connection before
                 read();
               },
               {}}),
      writer_(loop, random, address, {}, {[this] { send_acknowledgements(); }, {}}),
      retry_(loop),
      resend_(loop),
      trimmer_(loop) {
  if (options_.trim_period > 0)
    trimmer_.every(options_.trim_period, [this] {
      if (acknowledged_) trim();
    });
}

void RedisSource::next(std::size_t max, std::function<void(Result<Batch>)> call) {
  max_ = max;
  waiting_ = std::move(call);
  if (!ready_.empty()) loop_.post(lifeline_.tie([this] { answer(); }));
  read();
}

void RedisSource::rewind() {
  last_ = {};
  history_ = true;
  ready_.clear();
  ready_bytes_ = 0;
  discard_ = reading_;
}

/// Reads ahead while there is less than half of a reply; waits in Redis only if somebody waits
/// here.
void RedisSource::read() {
  const bool wanted = waiting_ && ready_.empty();
  if (reading_ || !reader_.is_up() || ready_bytes_ > options_.reply_size / 2) return;
  if (!grouped_) return make_group();
  reading_ = true;
  asked_ = count_;
  const auto count = std::to_string(asked_);
  const auto from = history_ ? last_.text() : ">";
  const auto wait = std::to_string(options_.wait / 1000);
  std::vector<std::string_view> command{"XREADGROUP", "GROUP", options_.group,
                                        consumer,     "COUNT", count};
  if (wanted && !history_) command.insert(command.end(), {"BLOCK", wait});
  command.insert(command.end(), {"STREAMS", options_.stream, from});
  reader_.command(command, [this](const Result<const redisReply*>& reply) { came(reply); });
}

void RedisSource::make_group() {
  reading_ = true;
  reader_.command({"XGROUP", "CREATE", options_.stream, options_.group, "0", "MKSTREAM"},
                  [this](const Result<const redisReply*>& reply) {
                    reading_ = false;
                    if (!reply && reply.error().code != ErrorCode::exists)
                      return failed(reply.error());
                    grouped_ = true;
                    read();
                  });
}

void RedisSource::came(const Result<const redisReply*>& result) {
  reading_ = false;
  if (std::exchange(discard_, false)) return read();
  if (!result) return failed(result.error());
  const auto* reply = *result;
  const Error nonsense{ErrorCode::corrupt, "an answer to XREADGROUP that is none", ""};
  // Nil where there is nothing; else one stream: its name, its entries.
  if (reply->type != REDIS_REPLY_ARRAY || reply->elements == 0) {
    if (waiting_ && ready_.empty()) {
      drained_ = true;
      read();
    }
    return;
  }
  const auto* stream = reply->element[0];
  if (stream->type != REDIS_REPLY_ARRAY || stream->elements != 2 ||
      stream->element[1]->type != REDIS_REPLY_ARRAY)
    return reader_.renew(nonsense);
  const auto* entries = stream->element[1];
  if (entries->elements == 0) {
    history_ = false;
    return read();
  }
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < entries->elements; ++i) {
    auto entry = read_stream_entry(entries->element[i]);
    if (!entry) return reader_.renew(nonsense);
    bytes += size_of(*entry);
    last_ = entry->key;
    ready_.push_back(*std::move(entry));
  }
  ready_bytes_ += bytes;
  adapt(entries->elements, bytes);
  read();
  answer();
}

/// Ask next time for as many as make a reply of the size that is aimed at, going by the last one.
void RedisSource::adapt(std::size_t entries, std::size_t bytes) {
  const std::size_t fitting = std::max<std::size_t>(1, options_.reply_size / (bytes / entries));
  count_ = std::min({fitting, std::max(count_, asked_) * 2, most_of_a_read});
  reader_.set_reply_limit(break_factor * options_.reply_size);
}

/// Hands out what is ready, if anything is and somebody waits.
void RedisSource::answer() {
  if (!waiting_ || ready_.empty()) return;
  Batch batch;
  const auto size = std::min(max_, ready_.size());
  batch.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    ready_bytes_ -= size_of(ready_.front());
    batch.push_back(std::move(ready_.front()));
    ready_.pop_front();
  }
  const auto call = std::exchange(waiting_, nullptr);
  call(std::move(batch));
}

void RedisSource::failed(const Error& error) {
  if (error.code == ErrorCode::not_found) {
    // Somebody emptied Redis: begin anew with what comes.
    log::warning("broker {}: the stream's group is gone and is made again",
                 reader_.address().text());
    grouped_ = false;
    last_ = {};
    history_ = true;
    return read();
  }
  if (!reader_.is_up()) {
    if (error.code != ErrorCode::full) return;  // read on when it is up again
    // Too large a reply: ask for less. One alone has to be taken, whatever its size.
    count_ = std::max<std::size_t>(1, asked_ / 8);
    if (asked_ <= 1) reader_.set_reply_limit(0);
    return;
  }
  if (error.message.starts_with("READONLY")) return reader_.renew(error);
  if (is_transient(error.code)) {
    retry_.once(options_.retry, [this] { read(); });
    return;
  }
  if (const auto call = std::exchange(waiting_, nullptr)) call(error);
}

void RedisSource::acknowledge(std::vector<EntryKey> keys, std::function<void(Result<>)> done) {
  acknowledgements_.push_back({std::move(keys), std::move(done)});
  send_acknowledgements();
}

/// All that wait in one command, and one command at a time.
void RedisSource::send_acknowledgements() {
  if (acknowledging_ || acknowledgements_.empty() || !writer_.is_up()) return;
  acknowledging_ = true;
  auto sent = std::make_shared<std::vector<Acknowledgement>>(std::exchange(acknowledgements_, {}));
  std::vector<std::string> keys;
  for (const auto& one : *sent)
    for (const auto& key : one.keys) keys.push_back(key.text());
  std::vector<std::string_view> command{"XACK", options_.stream, options_.group};
  command.insert(command.end(), keys.begin(), keys.end());
  writer_.command(command, [this, sent](const Result<const redisReply*>& reply) {
    acknowledging_ = false;
    if (!reply && is_transient(reply.error().code)) {
      // Acknowledging twice does no harm, not acknowledging would bring it again.
      acknowledgements_.insert(acknowledgements_.begin(), sent->begin(), sent->end());
      if (reply.error().message.starts_with("READONLY")) return writer_.renew(reply.error());
      resend_.once(options_.retry, [this] { send_acknowledgements(); });
      return;
    }
    acknowledged_ = true;
    send_acknowledgements();
    const auto alive = lifeline_.watch();
    for (const auto& one : *sent) {
      if (alive.expired()) return;
      if (!one.done) continue;
      if (reply) one.done({});
      else one.done(reply.error());
    }
  });
}

/// The groups still to be asked, and the least key that one of them still needs.
struct RedisSource::Trimming {
  std::vector<std::string> with_pending;
  std::optional<EntryKey> least;

  void need(std::string_view id) {
    const auto key = parse_stream_id(id);
    if (key && (!least || *key < *least)) least = key;
  }
};

void RedisSource::trim() {
  acknowledged_ = false;
  writer_.command({"XINFO", "GROUPS", options_.stream}, [this](Result<const redisReply*> reply) {
    if (!reply || (*reply)->type != REDIS_REPLY_ARRAY) return;
    auto trimming = std::make_shared<Trimming>();
    for (std::size_t g = 0; g < (*reply)->elements; ++g) {
      const auto* group = (*reply)->element[g];
      std::string_view name;
      std::string_view delivered;
      bool pending = false;
      for (std::size_t i = 0; i + 1 < group->elements; i += 2) {
        const auto field = text_of(group->element[i]);
        const auto* value = group->element[i + 1];
        if (field == "name") name = text_of(value);
        if (field == "pending") pending = value->integer > 0;
        if (field == "last-delivered-id") delivered = text_of(value);
      }
      if (pending) trimming->with_pending.emplace_back(name);
      trimming->need(delivered);
    }
    trim_group(trimming);
  });
}

void RedisSource::trim_group(std::shared_ptr<Trimming> trimming) {
  if (trimming->with_pending.empty()) {
    if (trimming->least) trim_below(trimming->least->text());
    return;
  }
  const auto group = std::move(trimming->with_pending.back());
  trimming->with_pending.pop_back();
  writer_.command({"XPENDING", options_.stream, group},
                  [this, trimming](Result<const redisReply*> reply) {
                    // Not knowing what a group needs, nothing is trimmed.
                    if (!reply || (*reply)->type != REDIS_REPLY_ARRAY || (*reply)->elements < 2)
                      return;
                    trimming->need(text_of((*reply)->element[1]));
                    trim_group(trimming);
                  });
}

/// In steps, each short: "~" lets Redis drop whole nodes, some ten thousand entries at once.
void RedisSource::trim_below(const std::string& key) {
  writer_.command({"XTRIM", options_.stream, "MINID", "~", key},
                  [this, key](Result<const redisReply*> reply) {
                    if (reply && (*reply)->integer > 0) trim_below(key);
                  });
}

}  // namespace sheepdog
