// detached.cc -- one blocking call on a thread of its own.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/detached.hh"

#include <csignal>
#include <mutex>
#include <thread>
#include <utility>

namespace sheepdog {

struct Detached::Shared {
  std::mutex mutex;
  Async* done = nullptr;  ///< null once nobody waits for the answer
  std::function<void()> answer;
};

namespace {

/// Signals are the loop thread's: threads that are started meanwhile take none.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

Detached::Detached(Loop& loop, std::function<std::function<void()>()> work)
    : shared_(std::make_shared<Shared>()), done_(loop, [shared = shared_.get()] {
        std::function<void()> answer;
        {
          const std::lock_guard lock(shared->mutex);
          answer = std::move(shared->answer);
        }
        answer();
      }) {
  shared_->done = &done_;
  const SignalsBlocked blocked;
  std::thread([shared = shared_, work = std::move(work)] {
    auto answer = work();
    const std::lock_guard lock(shared->mutex);
    if (!shared->done) return;
    shared->answer = std::move(answer);
    shared->done->send();
  }).detach();
}

Detached::~Detached() {
  const std::lock_guard lock(shared_->mutex);
  shared_->done = nullptr;
  shared_->answer = nullptr;
}

}  // namespace sheepdog
