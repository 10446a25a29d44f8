// async.hh -- wake the loop from another thread.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "loop/loop.hh"

namespace sheepdog {

class Async {
 public:
  /// F runs on the loop's thread after send(); several sends may become one call.
  Async(Loop& loop, std::function<void()> f);
  /// From any thread, also from a signal handler.
  void send();
  /// Let the loop end although this is waiting.
  void unref();

 private:
  Handle<uv_async_t, std::function<void()>> handle_;
};

}  // namespace sheepdog
