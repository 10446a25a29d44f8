// worker.cc -- one thread that does blocking work in order.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/worker.hh"

#include <csignal>
#include <utility>

namespace sheepdog {

Worker::Worker(Loop& loop)
    : done_(loop, [this] {
        std::deque<std::function<void()>> ready;
        {
          const std::lock_guard lock(mutex_);
          ready.swap(answers_);
        }
        const std::weak_ptr<void> alive = alive_;
        while (!ready.empty()) {
          const auto answer = std::move(ready.front());
          ready.pop_front();
          --pending_;
          answer();
          if (alive.expired()) return;
        }
      }) {
  // Signals are the loop thread's: one delivered here would find no handler that knows what to do.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { work(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Worker::submit(std::function<std::function<void()>()> job) {
  ++pending_;
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void Worker::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || !jobs_.empty(); });
    if (stop_) return;
    const auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    auto answer = job();
    lock.lock();
    answers_.push_back(std::move(answer));
    done_.send();
  }
}

}  // namespace sheepdog
