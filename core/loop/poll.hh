// poll.hh -- call back when a file descriptor can be read or written.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "loop/loop.hh"

namespace sheepdog {

/// Watches a descriptor that somebody else owns and that outlives this object.
class Poll {
 public:
  /// left: who is at the other end of a socket sends no more.
  enum Events { readable = UV_READABLE, writable = UV_WRITABLE, left = UV_DISCONNECT };

  /// Error: where the descriptor cannot be watched (a regular file).
  static Result<Poll> open(Loop& loop, int fd);

  /// Call F with the events that came, of EVENTS (Events or-ed), until stop(). An error on the
  /// descriptor is reported as readable | writable, so that the next call on it says which.
  void start(int events, std::function<void(int)> f);
  void stop();
  /// Let the loop end although this is started.
  void unref();

 private:
  Poll() = default;
  Handle<uv_poll_t, std::function<void(int)>> handle_;
};

}  // namespace sheepdog
