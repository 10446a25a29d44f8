// redis_connection.cc -- one connection to Redis.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/redis_connection.hh"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hh"
#include "broker/reply_arena.hh"
#include "loop/local_socket.hh"
#include "loop/stream.hh"

namespace sheepdog {

namespace {

struct Kind {
  std::string_view prefix;
  ErrorCode code;
};

constexpr Kind kinds[] = {
    {"OOM", ErrorCode::full},          {"LOADING", ErrorCode::busy},
    {"READONLY", ErrorCode::busy},     {"MASTERDOWN", ErrorCode::busy},
    {"MISCONF", ErrorCode::io},        {"BUSY", ErrorCode::busy},
    {"TRYAGAIN", ErrorCode::busy},     {"CLUSTERDOWN", ErrorCode::busy},
    {"NOREPLICAS", ErrorCode::busy},   {"UNBLOCKED", ErrorCode::busy},
    {"NOGROUP", ErrorCode::not_found}, {"BUSYGROUP", ErrorCode::exists},
    {"NOAUTH", ErrorCode::denied},     {"WRONGPASS", ErrorCode::denied},
    {"NOPERM", ErrorCode::denied},     {"ERR invalid password", ErrorCode::denied},
    {"ERR max number of clients", ErrorCode::busy},
};

void append_length(std::string& out, char kind, std::size_t length) {
  const fmt::format_int text(length);
  out.append(1, kind).append(text.data(), text.size()).append("\r\n");
}

/// An acknowledgement has thousands of arguments.
void append_command(std::string& out, std::span<const std::string_view> arguments) {
  append_length(out, '*', arguments.size());
  for (const auto& argument : arguments) {
    append_length(out, '$', argument.size());
    out.append(argument).append("\r\n");
  }
}

}  // namespace

Error redis_error(std::string_view text) {
  for (const auto& [prefix, code] : kinds)
    if (text.starts_with(prefix) && (text.size() == prefix.size() || text[prefix.size()] == ' '))
      return {code, std::string(text), ""};
  return {ErrorCode::refused, std::string(text), ""};
}

/// One connected socket, from its greeting to its end. Held while replies are read, so that an
/// answer may destroy the connection.
struct RedisConnection::Session {
  ReplyArena replies;
  Stream stream;
  std::deque<Answer> due;
  std::size_t reply_bytes = 0;  ///< of the reply that is not complete yet
  bool open = true;
  std::string buffer;  ///< reused to write commands into
};

RedisConnection::RedisConnection(Loop& loop, Random& random, BrokerAddress address,
                                 RedisOptions options, Events events)
    : loop_(loop),
      random_(random),
      address_(std::move(address)),
      options_(options),
      events_(std::move(events)),
      deadline_(loop),
      pause_(loop) {
  loop_.post(lifeline_.tie([this] { connect(); }));
}

RedisConnection::~RedisConnection() {
  if (!session_) return;
  session_->open = false;
  session_->stream = {};
}

void RedisConnection::connect() {
  if (!address_.path.empty()) return connected(connect_local(address_.path));
  connecting_.emplace(loop_, address_.host, address_.port, options_.connect_timeout,
                      [this](Result<Fd> fd) { connected(std::move(fd)); });
}

void RedisConnection::connected(Result<Fd> fd) {
  if (!fd) return broke(fd.error());
  session_ = std::make_shared<Session>();
  StreamEvents on;
  on.bytes = [this, weak = std::weak_ptr(session_)](std::string_view bytes) {
    const auto session = weak.lock();
    if (session && session->open) received(session, bytes);
  };
  on.ended = [this] { broke({ErrorCode::closed, "the broker closed the connection", ""}); };
  on.failed = [this](Error error) { broke(std::move(error)); };
  session_->stream = Stream(loop_, *std::move(fd), std::move(on));
  greet();
}

void RedisConnection::greet() {
  const auto must = [this](const Result<const redisReply*>& reply) {
    // A connection that broke has answered this already.
    if (!reply && session_) broke(reply.error());
  };
  if (!address_.password.empty()) {
    if (address_.user.empty()) command({"AUTH", address_.password}, must);
    else command({"AUTH", address_.user, address_.password}, must);
  }
  if (address_.database != 0) command({"SELECT", std::to_string(address_.database)}, must);
  command({"PING"}, [this, must](const Result<const redisReply*>& reply) {
    // What was refused before has broken the connection: this is answered with that refusal too.
    if (!session_ || !session_->open) return;
    // Who may only add to the stream may not ping, but is greeted all the same.
    if (!reply && !reply.error().message.starts_with("NOPERM")) return must(reply);
    up_ = true;
    failures_ = 0;
    if (options_.announce && std::exchange(said_down_, false))
      log::notice("broker {}: connected again", address_.text());
    if (events_.up) {
      const auto call = events_.up;
      call();
    }
  });
}

void RedisConnection::command(std::span<const std::string_view> arguments, Answer answer) {
  if (!session_) {
    loop_.post(lifeline_.tie([answer = std::move(answer)] {
      answer(Error{ErrorCode::unreachable, "not connected to the broker", ""});
    }));
    return;
  }
  session_->buffer.clear();
  append_command(session_->buffer, arguments);
  session_->stream.send(session_->buffer);
  session_->due.push_back(std::move(answer));
  if (session_->due.size() == 1) watch_replies();
}

void RedisConnection::watch_replies() {
  if (session_->due.empty()) return deadline_.stop();
  deadline_.once(options_.reply_timeout, [this] {
    broke({ErrorCode::timeout,
           fmt::format("no answer within {} s", options_.reply_timeout / micros_per_second), ""});
  });
}

void RedisConnection::received(const std::shared_ptr<Session>& session, std::string_view bytes) {
  auto* reader = session->replies.reader();
  redisReaderFeed(reader, bytes.data(), bytes.size());
  session->reply_bytes += bytes.size();
  for (;;) {
    void* raw = nullptr;
    if (redisReaderGetReply(reader, &raw) != REDIS_OK)
      return broke({ErrorCode::corrupt,
                    fmt::format("not what Redis says: {}", reader->errstr), ""});
    if (raw == nullptr) break;
    const auto* reply = static_cast<const redisReply*>(raw);
    session->reply_bytes = 0;
    // What comes unasked is an error before the connection is closed (too many clients).
    if (session->due.empty()) return broke(redis_error(text_of(reply)));
    const auto answer = std::move(session->due.front());
    session->due.pop_front();
    if (reply->type == REDIS_REPLY_ERROR) answer(redis_error(text_of(reply)));
    else answer(reply);
    if (!session->open) return;
    session->replies.release();
  }
  if (options_.reply_limit != 0 && session->reply_bytes > options_.reply_limit)
    return broke({ErrorCode::full,
                  fmt::format("a reply of more than {} bytes", options_.reply_limit), ""});
  watch_replies();
}

void RedisConnection::broke(Error why) {
  why.message = why.text();
  why.context = address_.text();
  up_ = false;
  connecting_.reset();
  deadline_.stop();
  std::deque<Answer> due;
  if (session_) {
    session_->open = false;
    session_->stream = {};
    due = std::move(session_->due);
    session_.reset();
  }
  // From half of it to all of it, so that a herd does not come back in one instant.
  const int doublings = std::min(failures_++, 20);
  const Micros pause =
      std::min(options_.longest_pause, options_.shortest_pause * (Micros{1} << doublings));
  std::uint8_t dice[2];
  random_.fill(dice);
  const Micros jitter = (dice[0] << 8 | dice[1]) * pause / 2 / 65536;
  pause_.once(pause / 2 + jitter, [this] { connect(); });

  if (options_.announce && !std::exchange(said_down_, true))
    log::warning("broker {}; trying again at least every {} s until it answers", why.text(),
                 options_.longest_pause / micros_per_second);
  const auto alive = lifeline_.watch();
  for (const auto& answer : due) {
    answer(why);
    if (alive.expired()) return;
  }
  if (events_.down) {
    const auto call = events_.down;
    call(why);
  }
}

std::string redis_library_version() {
  return fmt::format("{}.{}.{}", HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH);
}

}  // namespace sheepdog
