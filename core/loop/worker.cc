// worker.cc -- one thread that does blocking work in order.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/worker.hh"

#include <utility>

#include "base/thread.hh"

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
          answer();
          if (alive.expired()) return;
        }
      }) {}

Result<std::unique_ptr<Worker>> Worker::start(Loop& loop) {
  std::unique_ptr<Worker> worker(new Worker(loop));
  auto thread = start_thread([self = worker.get()] { self->work(); });
  if (!thread) return thread.error();
  worker->thread_ = *std::move(thread);
  return worker;
}

Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Worker::submit(std::function<std::function<void()>()> job) {
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
