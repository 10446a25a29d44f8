// stream.hh -- a stream socket on the loop: bytes in, bytes out, in order.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "base/file.hh"
#include "loop/loop.hh"

namespace sheepdog {

/// Any of them may be empty, and may destroy the Stream.
struct StreamEvents {
  std::function<void()> connected;              ///< only where it was connecting
  std::function<void(std::string_view)> bytes;  ///< valid during the call
  std::function<void()> ended;                  ///< the other side sends no more; it may still read
  std::function<void(Error)> failed;            ///< broken; nothing is called after it
  std::function<void()> drained;                ///< all that was sent is in the kernel's hands
};

/// Owns the socket; destroying it closes it at once, also with something unsent. Sending never
/// waits and never fails: what goes wrong arrives as failed, in a later turn.
class Stream {
 public:
  Stream() = default;
  /// FD is a connected socket, or where CONNECTING is true one whose connect is under way. The
  /// events must not outlive what they use: they end with this object.
  Stream(Loop& loop, Fd fd, StreamEvents events, bool connecting = false);
  Stream(Stream&&) noexcept = default;
  Stream& operator=(Stream&& other) noexcept;
  ~Stream();

  void send(std::string_view bytes);
  std::size_t unsent() const;

  /// False: bytes stay with the kernel, so that the sender has to wait. True at first.
  void set_reading(bool reading);

  explicit operator bool() const { return state_ != nullptr; }

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace sheepdog
