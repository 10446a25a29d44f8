// detached.cc -- one blocking call on a thread of its own.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/detached.hh"

#include <mutex>
#include <utility>

#include "base/thread.hh"

namespace sheepdog {

struct Detached::Shared {
  std::mutex mutex;
  Async* done = nullptr;  ///< null once nobody waits for the answer
  std::function<void()> answer;
};

Detached::Detached(Loop& loop)
    : shared_(std::make_shared<Shared>()), done_(loop, [shared = shared_.get()] {
        std::function<void()> answer;
        {
          const std::lock_guard lock(shared->mutex);
          answer = std::move(shared->answer);
        }
        answer();
      }) {
  shared_->done = &done_;
}

Result<std::unique_ptr<Detached>> Detached::start(Loop& loop,
                                                  std::function<std::function<void()>()> work) {
  std::unique_ptr<Detached> call(new Detached(loop));
  auto thread = start_thread([shared = call->shared_, work = std::move(work)] {
    auto answer = work();
    const std::lock_guard lock(shared->mutex);
    if (!shared->done) return;
    shared->answer = std::move(answer);
    shared->done->send();
  });
  if (!thread) return thread.error();
  thread->detach();
  return call;
}

Detached::~Detached() {
  const std::lock_guard lock(shared_->mutex);
  shared_->done = nullptr;
  shared_->answer = nullptr;
}

}  // namespace sheepdog
