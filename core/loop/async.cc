// async.cc -- wake the loop from another thread.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/async.hh"

#include <cstdlib>

namespace sheepdog {

Async::Async(Loop& loop, std::function<void()> f) {
  using AsyncHandle = decltype(handle_);
  const int code = handle_.open([&](uv_async_t* uv) {
    return uv_async_init(loop.raw(), uv, [](uv_async_t* handle) noexcept {
      auto* block = AsyncHandle::block_of(handle);
      if (!block->open) return;
      const auto call = block->payload;
      call();
    });
  });
  if (code < 0) std::abort();
  handle_.payload() = std::move(f);
}

void Async::send() { uv_async_send(handle_.uv()); }
void Async::unref() { uv_unref(reinterpret_cast<uv_handle_t*>(handle_.uv())); }

}  // namespace sheepdog
