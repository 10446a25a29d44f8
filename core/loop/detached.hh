// detached.hh -- one blocking call on a thread of its own, which may never return.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include "base/result.hh"
#include "loop/async.hh"

namespace sheepdog {

/// For a system call that can hang for ever, such as one into a file system whose server is gone:
/// nobody waits for its thread. A Worker would hang with it.
class Detached {
 public:
  /// WORK runs on a new thread; what it returns is called on the loop, and may destroy this. WORK
  /// owns all that it touches. Error: busy.
  static Result<std::unique_ptr<Detached>> start(Loop& loop,
                                                 std::function<std::function<void()>()> work);
  /// Does not wait: an answer that comes later is dropped.
  ~Detached();
  Detached(const Detached&) = delete;
  Detached& operator=(const Detached&) = delete;

 private:
  struct Shared;
  explicit Detached(Loop& loop);
  std::shared_ptr<Shared> shared_;
  Async done_;
};

}  // namespace sheepdog
