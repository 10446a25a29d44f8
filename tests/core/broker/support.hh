// support.hh -- a private directory; waiting for a state on a loop.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/report.hh"
#include "loop/timer.hh"

namespace sheepdog::testing {

class PrivateDirectory {
 public:
  PrivateDirectory() {
    std::string name = std::filesystem::temp_directory_path() / "sheepdog-broker-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~PrivateDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// Turns the loop until DONE is true; false where that takes longer than the deadline.
inline bool wait_until(Loop& loop, const std::function<bool()>& done, int seconds = 20) {
  Timer tick(loop);
  tick.every(5000, [] {});
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    loop.run_once();
  }
  return true;
}

/// The answer of an asynchronous call: pass call(), then wait().
template <typename T>
class Answer {
 public:
  auto call() {
    return [this](T value) { value_ = std::move(value); };
  }
  T wait(Loop& loop) {
    if (!wait_until(loop, [this] { return value_.has_value(); })) {
      ADD_FAILURE() << "no answer";
      std::abort();
    }
    return *std::move(value_);
  }
  bool came() const { return value_.has_value(); }

 private:
  std::optional<T> value_;
};

inline Report report_of(const std::string& service, Status status = Status::ok) {
  Report report;
  static int count = 0;
  report.id = derive_uuid(service + std::to_string(++count));
  report.time = 1'700'000'000 * micros_per_second;
  report.host = "h";
  report.service = service;
  report.status = status;
  return report;
}

}  // namespace sheepdog::testing
