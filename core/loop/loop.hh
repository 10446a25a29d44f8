// loop.hh -- the event loop and the ownership of its handles.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Each wrapper (Timer, Async, Poll, Signal, ...) owns one uv handle through Handle<>: destroying the
// wrapper stops its callbacks at once and closes the handle; the memory goes when libuv says that it
// is closed. A wrapper may be destroyed from within its own callback. Callbacks run on the loop's
// thread and must not throw: an exception there ends the program.
#pragma once

#include <uv.h>

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.hh"

namespace sheepdog {

/// Of libuv, as it is loaded.
std::string_view loop_library_version();

/// The error of a libuv call that returned CODE (< 0); CONTEXT names the object.
Error uv_error(int code, std::string context);

class Loop {
 public:
  Loop();
  /// Runs until the last handle is closed; aborts where somebody left one open.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until stop() or until nothing is left that could happen.
  void run();
  /// One turn; waits for an event where WAIT is true. True while something is left.
  bool run_once(bool wait = true);
  /// Makes run() return after the present turn. Loop thread only.
  void stop();

  /// Run F in the next turn, on this thread. Loop thread only.
  void post(std::function<void()> f);

  /// Keep THING, which may own handles and has no other owner, until it is let go or the loop ends.
  void keep(std::shared_ptr<void> thing);
  void let_go(const void* thing);

  /// How many handles are open; 0 after a clean end.
  int open_handles() const;

  uv_loop_t* raw() { return &loop_; }

 private:
  struct Posted;
  uv_loop_t loop_{};
  std::unique_ptr<Posted> posted_;
  std::vector<std::shared_ptr<void>> kept_;
};

/// A uv handle of type T with a payload P that outlives every callback.
/// P must be default constructible; handle->data points to the Block.
template <typename T, typename P>
class Handle {
 public:
  struct Block {
    T uv{};
    P payload{};
    bool open = true;  ///< false once the owner is gone: callbacks must do nothing
  };

  Handle() = default;
  Handle(Handle&&) noexcept = default;
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      close();
      block_ = std::move(other.block_);
    }
    return *this;
  }
  ~Handle() { close(); }

  /// INIT initialises the uv part and returns libuv's code.
  template <typename Init>
  int open(Init init) {
    auto block = std::make_unique<Block>();
    const int code = init(&block->uv);
    if (code < 0) return code;  // an uninitialised handle is not closed
    block->uv.data = block.get();
    block_.reset(block.release());
    return 0;
  }
  void close() { block_.reset(); }
  explicit operator bool() const { return block_ != nullptr; }
  T* uv() const { return &block_->uv; }
  P& payload() const { return block_->payload; }
  static Block* block_of(const T* uv) { return static_cast<Block*>(uv->data); }

 private:
  struct Close {
    void operator()(Block* block) const {
      block->open = false;
      uv_close(reinterpret_cast<uv_handle_t*>(&block->uv), [](uv_handle_t* handle) {
        delete static_cast<Block*>(handle->data);
      });
    }
  };
  std::unique_ptr<Block, Close> block_;
};

}  // namespace sheepdog
