// worker.hh -- one thread that does blocking work in order and answers on the loop.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "base/result.hh"
#include "loop/async.hh"

namespace sheepdog {

/// Jobs run one after another on the worker's thread; each job's answer runs on the loop's thread,
/// in the same order. The destructor waits for the job that is running and drops the others; an
/// answer may call it.
class Worker {
 public:
  /// Error: busy.
  static Result<std::unique_ptr<Worker>> start(Loop& loop);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// WORK runs on the thread; what it returns is called on the loop. WORK must not touch anything
  /// that the loop's thread uses meanwhile.
  void submit(std::function<std::function<void()>()> work);

 private:
  explicit Worker(Loop& loop);
  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<std::function<void()>()>> jobs_;
  std::deque<std::function<void()>> answers_;
  bool stop_ = false;
  std::shared_ptr<void> alive_ = std::make_shared<char>();
  Async done_;
  std::thread thread_;
};

}  // namespace sheepdog
