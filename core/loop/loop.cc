// loop.cc -- the event loop.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/loop.hh"

#include <cstdio>
#include <cstdlib>
#include <deque>

namespace sheepdog {

std::string_view loop_library_version() { return uv_version_string(); }

Error uv_error(int code, std::string context) {
  // Below -1000 are libuv's own codes (name resolution, end of file); the others are -errno.
  if (code <= -1000) return {ErrorCode::unreachable, uv_strerror(code), std::move(context)};
  return errno_error(-code, std::move(context));
}

/// Work for the next turn; an async wakes the loop for it, since an idle handle would spin.
struct Loop::Posted {
  uv_async_t* async = nullptr;
  std::deque<std::function<void()>> work;
};

Loop::Loop() : posted_(std::make_unique<Posted>()) {
  if (uv_loop_init(&loop_) != 0) std::abort();
  posted_->async = new uv_async_t;
  posted_->async->data = posted_.get();
  uv_async_init(&loop_, posted_->async, [](uv_async_t* handle) noexcept {
    auto& work = static_cast<Posted*>(handle->data)->work;
    for (auto n = work.size(); n > 0; --n) {
      auto f = std::move(work.front());
      work.pop_front();
      f();
    }
    if (!work.empty()) uv_async_send(handle);
    else uv_unref(reinterpret_cast<uv_handle_t*>(handle));
  });
  uv_unref(reinterpret_cast<uv_handle_t*>(posted_->async));
}

Loop::~Loop() {
  kept_.clear();
  uv_close(reinterpret_cast<uv_handle_t*>(posted_->async),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_async_t*>(handle); });
  // Only closing handles may be left: what is still active belongs to an owner who outlives us.
  while (uv_run(&loop_, UV_RUN_NOWAIT) != 0 && open_handles() == 0) {
  }
  if (uv_loop_close(&loop_) != 0) {
    std::fputs("loop: a handle was left open:\n", stderr);
    uv_print_all_handles(&loop_, stderr);
    std::abort();
  }
}

void Loop::run() { uv_run(&loop_, UV_RUN_DEFAULT); }

bool Loop::run_once(bool wait) {
  return uv_run(&loop_, wait ? UV_RUN_ONCE : UV_RUN_NOWAIT) != 0;
}

void Loop::stop() { uv_stop(&loop_); }

void Loop::post(std::function<void()> f) {
  posted_->work.push_back(std::move(f));
  uv_ref(reinterpret_cast<uv_handle_t*>(posted_->async));
  uv_async_send(posted_->async);
}

void Loop::keep(std::shared_ptr<void> thing) { kept_.push_back(std::move(thing)); }

void Loop::let_go(const void* thing) {
  std::erase_if(kept_, [thing](const auto& kept) { return kept.get() == thing; });
}

int Loop::open_handles() const {
  struct Count {
    const uv_async_t* own;
    int open = 0;
  } count{posted_->async};
  uv_walk(
      const_cast<uv_loop_t*>(&loop_),
      [](uv_handle_t* handle, void* arg) {
        auto* c = static_cast<Count*>(arg);
        if (!uv_is_closing(handle) && reinterpret_cast<uv_async_t*>(handle) != c->own) ++c->open;
      },
      &count);
  return count.open;
}

}  // namespace sheepdog
