// poll.cc -- call back when a file descriptor can be read or written.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/poll.hh"

namespace sheepdog {

namespace {

using PollHandle = Handle<uv_poll_t, std::function<void(int)>>;

void fire(uv_poll_t* uv, int error, int events) noexcept {
  auto* block = PollHandle::block_of(uv);
  if (!block->open) return;
  const auto f = block->payload;
  f(error < 0 ? UV_READABLE | UV_WRITABLE : events);
}

}  // namespace

Result<Poll> Poll::open(Loop& loop, int fd) {
  Poll poll;
  const int code =
      poll.handle_.open([&](uv_poll_t* uv) { return uv_poll_init(loop.raw(), uv, fd); });
  if (code < 0) return uv_error(code, "poll");
  return poll;
}

void Poll::start(int events, std::function<void(int)> f) {
  handle_.payload() = std::move(f);
  uv_poll_start(handle_.uv(), events, fire);
}

void Poll::stop() { uv_poll_stop(handle_.uv()); }
void Poll::unref() { uv_unref(reinterpret_cast<uv_handle_t*>(handle_.uv())); }

}  // namespace sheepdog
