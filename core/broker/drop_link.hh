// drop_link.hh -- the reporter's end of the drop socket.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hh"
#include "loop/stream.hh"

namespace sheepdog {

/// One connection to a daemon, at most. Lines are numbered by the caller; their answers come in
/// order. The events may destroy the link only from a later turn.
class DropLink {
 public:
  struct Events {
    std::function<void(std::uint64_t, Result<>)> answered;
    std::function<void()> closed;  ///< by the daemon; what was not answered never will be
  };
  DropLink(Loop& loop, Events events) : loop_(loop), events_(std::move(events)) {}

  /// Connects to the first of PATHS where somebody listens. Error: why the last one failed.
  Result<> connect(const std::vector<std::string>& paths);
  void close();
  bool is_open() const { return static_cast<bool>(stream_); }
  const std::string& path() const { return path_; }
  /// Whether the daemon believes us which host a report is about: we are root, or who it runs as.
  bool is_believed() const { return believed_; }

  void send(std::uint64_t number, std::string_view line);

 private:
  void received(std::string_view bytes);
  void ended();

  Loop& loop_;
  Events events_;
  Stream stream_;
  std::string path_;
  bool believed_ = false;
  std::string begun_;
  std::deque<std::uint64_t> due_;
};

}  // namespace sheepdog
