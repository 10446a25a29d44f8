// progress.hh -- a progress bar on a terminal, nothing elsewhere.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hh"

namespace sheepdog {

class Progress {
 public:
  /// TOTAL is what done counts up to; 0 where that is unknown.
  Progress(const Clock& clock, int fd, std::uint64_t total);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// DONE of the total, COUNT of what people count ("reports"). Draws a few times a second.
  void update(std::uint64_t done, std::uint64_t count, const char* noun);

  /// Take the bar away, before something else is written.
  void clear();

  /// "[#####-----]  50 %  12000 reports  8000/s"
  static std::string line(std::uint64_t done, std::uint64_t total, std::uint64_t count,
                          const char* noun, Micros elapsed);

 private:
  const Clock& clock_;
  int fd_;
  std::uint64_t total_;
  bool shown_ = false;
  bool terminal_;
  Micros started_;
  Micros drawn_ = 0;
};

}  // namespace sheepdog
