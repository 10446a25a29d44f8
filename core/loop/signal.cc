// signal.cc -- call back when a signal comes.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/signal.hh"

#include <cstdlib>

namespace sheepdog {

Signal::Signal(Loop& loop, int number, std::function<void(int)> f) {
  using SignalHandle = decltype(handle_);
  if (handle_.open([&](uv_signal_t* uv) { return uv_signal_init(loop.raw(), uv); }) < 0)
    std::abort();
  handle_.payload() = std::move(f);
  uv_signal_start(
      handle_.uv(),
      [](uv_signal_t* uv, int n) noexcept {
        auto* block = SignalHandle::block_of(uv);
        if (!block->open) return;
        const auto call = block->payload;
        call(n);
      },
      number);
  uv_unref(reinterpret_cast<uv_handle_t*>(handle_.uv()));
}

}  // namespace sheepdog
