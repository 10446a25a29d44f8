// signals.hh -- the signals that a wrapper passes on.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/file.hh"
#include "loop/poll.hh"

namespace sheepdog {

/// INT, TERM, HUP and QUIT, blocked and read from the loop instead, so that none is lost between
/// the start of the wrapper and that of the command. What we were started ignoring (nohup, a
/// background job of a script) stays ignored and is none of them.
class WrapperSignals {
 public:
  WrapperSignals();

  /// F gets each number; FROM_TERMINAL where a key was pressed, so that the whole group has it.
  void watch(Loop& loop, std::function<void(int number, bool from_terminal)> f);

  /// What we were started ignoring, for the command to ignore as well.
  const std::vector<int>& ignored() const { return ignored_; }

 private:
  void read();

  std::vector<int> ignored_;
  Fd fd_;
  std::optional<Poll> poll_;
  std::function<void(int, bool)> f_;
};

}  // namespace sheepdog
