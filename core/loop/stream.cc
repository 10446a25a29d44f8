// stream.cc -- a stream socket on the loop.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/stream.hh"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string>

#include "loop/poll.hh"

namespace sheepdog {

namespace {
constexpr std::size_t read_size = 65536;
constexpr int reads_in_a_row = 4;  ///< then the others on the loop have their turn
}  // namespace

/// Shared with the running callback, so that a Stream may be destroyed within it.
struct Stream::State : std::enable_shared_from_this<State> {
  Fd fd;
  StreamEvents on;
  std::optional<Poll> poll;
  std::string out;
  std::size_t sent = 0;
  int watched = 0;
  bool open = true;
  bool connecting = false;
  bool reading = true;
  bool ended = false;

  void close() {
    open = false;
    poll.reset();
    fd.reset();
  }

  void fail(Error error) {
    close();
    if (on.failed) on.failed(std::move(error));
  }

  void watch() {
    if (!open) return;
    int events = 0;
    if (connecting || sent < out.size()) events |= Poll::writable;
    if (!connecting && reading && !ended) events |= Poll::readable;
    if (events == watched) return;
    watched = events;
    if (events == 0) {
      poll->stop();
      return;
    }
    poll->start(events, [self = shared_from_this()](int got) { self->happened(got); });
  }

  void happened(int got) {
    // An error stops the watching; make sure that it begins again.
    if (got == (Poll::readable | Poll::writable)) watched = -1;
    if (connecting) {
      finish_connecting();
    } else {
      if ((got & Poll::writable) != 0 && sent < out.size()) flush();
      if (open && (got & Poll::readable) != 0 && reading && !ended) receive();
    }
    watch();
  }

  void finish_connecting() {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return fail(errno_error(error, "connect"));
    connecting = false;
    if (on.connected) on.connected();
  }

  void flush() {
    while (sent < out.size()) {
      const auto n = ::send(fd.get(), out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        if (sent > out.size() / 2) out.erase(0, std::exchange(sent, 0));
        return;
      }
      if (n < 0) return fail(errno_error(errno, "send"));
      sent += static_cast<std::size_t>(n);
    }
    out.clear();
    if (out.capacity() > 16 * read_size) out.shrink_to_fit();
    sent = 0;
    if (on.drained) on.drained();
  }

  void receive() {
    static thread_local std::array<char, read_size> buffer;
    for (int i = 0; i < reads_in_a_row && open && reading; ++i) {
      const auto n = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
      if (n < 0) return fail(errno_error(errno, "receive"));
      if (n == 0) {
        ended = true;
        if (on.ended) on.ended();
        return;
      }
      if (on.bytes) on.bytes({buffer.data(), static_cast<std::size_t>(n)});
      if (static_cast<std::size_t>(n) < buffer.size()) return;
    }
  }
};

Stream::Stream(Loop& loop, Fd fd, StreamEvents events, bool connecting)
    : state_(std::make_shared<State>()) {
  state_->fd = std::move(fd);
  state_->on = std::move(events);
  state_->connecting = connecting;
  const int flags = ::fcntl(state_->fd.get(), F_GETFL);
  ::fcntl(state_->fd.get(), F_SETFL, flags | O_NONBLOCK);
  auto poll = Poll::open(loop, state_->fd.get());
  if (!poll) {
    loop.post([weak = std::weak_ptr(state_), error = poll.error()] {
      if (const auto state = weak.lock()) state->fail(error);
    });
    state_->open = false;
    return;
  }
  state_->poll = *std::move(poll);
  state_->watch();
}

Stream& Stream::operator=(Stream&& other) noexcept {
  if (this == &other) return *this;
  if (state_) state_->close();
  state_ = std::move(other.state_);
  return *this;
}

Stream::~Stream() {
  if (state_) state_->close();
}

void Stream::send(std::string_view bytes) {
  if (!state_->open || bytes.empty()) return;
  state_->out.append(bytes);
  state_->watch();
}

std::size_t Stream::unsent() const { return state_->out.size() - state_->sent; }

void Stream::set_reading(bool reading) {
  if (std::exchange(state_->reading, reading) != reading) state_->watch();
}

}  // namespace sheepdog
