// tcp_connect.hh -- a TCP connection to a host by name, without ever blocking the loop.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hh"
#include "base/file.hh"
#include "loop/loop.hh"

namespace sheepdog {

/// Resolves the name, then tries its addresses one after another. Names are resolved on a thread of
/// their own that is left behind when this is destroyed: a resolver that hangs holds up neither the
/// loop nor the end of the program, as libuv's pool would.
class TcpConnect {
 public:
  /// ANSWER gets the connected socket (it does not block; keep-alive, no delay), in a later turn.
  /// PATIENCE is for all addresses together. Error: unreachable, timeout, or the last address's.
  TcpConnect(Loop& loop, const std::string& host, std::uint16_t port, Micros patience,
             std::function<void(Result<Fd>)> answer);
  ~TcpConnect();
  TcpConnect(const TcpConnect&) = delete;
  TcpConnect& operator=(const TcpConnect&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sheepdog
