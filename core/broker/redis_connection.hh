// redis_connection.hh -- one connection to Redis that comes back by itself.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Commands are pipelined and answered in order. hiredis parses the replies; the socket, its
// timeouts and its life are the loop's. A connection that breaks answers what is open with an error
// and is tried again with a growing, jittered pause for as long as this lives.
#pragma once

#include <hiredis/hiredis.h>

#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hh"
#include "base/random.hh"
#include "base/result.hh"
#include "broker/address.hh"
#include "loop/lifeline.hh"
#include "loop/tcp_connect.hh"
#include "loop/timer.hh"

namespace sheepdog {

/// Of hiredis.
std::string redis_library_version();

struct RedisOptions {
  Micros connect_timeout = 5 * micros_per_second;
  Micros reply_timeout = 10 * micros_per_second;
  Micros shortest_pause = 100'000;                 ///< before the first new try
  Micros longest_pause = 5 * micros_per_second;    ///< what a broker that is back is waited for
  std::size_t reply_limit = 0;  ///< bytes of one reply; past it the connection breaks; 0: any
  bool announce = false;        ///< log the beginning and the end of an outage
};

/// The Error of what Redis answers after "-", e.g. "OOM command not allowed ...". Transient are
/// OOM, LOADING, READONLY, MASTERDOWN, MISCONF, BUSY and the like.
Error redis_error(std::string_view text);

/// The bytes of a string or status reply; empty for others.
inline std::string_view text_of(const redisReply* reply) {
  return reply->str == nullptr ? std::string_view{}
                               : std::string_view{reply->str, static_cast<std::size_t>(reply->len)};
}

class RedisConnection {
 public:
  /// The reply is valid during the call and never an error reply: that is the Error.
  using Answer = std::function<void(Result<const redisReply*>)>;

  struct Events {
    std::function<void()> up;                 ///< greeted: commands may be sent
    std::function<void(const Error&)> down;   ///< each time that a try failed or it broke
  };

  /// Begins to connect. RANDOM must outlive it.
  RedisConnection(Loop& loop, Random& random, BrokerAddress address, RedisOptions options,
                  Events events);
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  /// Sends ARGUMENTS; while it is not up the answer is an error, in a later turn.
  void command(std::span<const std::string_view> arguments, Answer answer);
  void command(std::initializer_list<std::string_view> arguments, Answer answer) {
    command(std::span(arguments.begin(), arguments.size()), std::move(answer));
  }

  bool is_up() const { return up_; }
  const BrokerAddress& address() const { return address_; }
  void set_reply_limit(std::size_t bytes) { options_.reply_limit = bytes; }

  /// Break it and connect again: the other side is of no use (a replica, say).
  void renew(Error why) { broke(std::move(why)); }

 private:
  struct Session;
  void connect();
  void connected(Result<Fd> fd);
  void greet();
  void received(const std::shared_ptr<Session>& session, std::string_view bytes);
  void broke(Error why);
  void watch_replies();

  Loop& loop_;
  Random& random_;
  BrokerAddress address_;
  RedisOptions options_;
  Events events_;
  bool up_ = false;
  bool said_down_ = false;
  int failures_ = 0;  ///< in a row
  std::optional<TcpConnect> connecting_;
  std::shared_ptr<Session> session_;
  Timer deadline_;  ///< of the oldest reply that is due
  Timer pause_;
  Lifeline lifeline_;
};

}  // namespace sheepdog
