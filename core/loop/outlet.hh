// outlet.hh -- writes to a standard stream of ours without ever waiting for its reader.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.hh"
#include "loop/loop.hh"
#include "loop/poll.hh"

namespace sheepdog {

/// Writes to a descriptor that others share: it is not made non-blocking, which would be so for them
/// too. Files are written to directly, since they never make us wait.
class Outlet {
 public:
  /// FD must outlive this. CHANGED is called when all is written that was kept, and when the reader
  /// has gone.
  Outlet(Loop& loop, int fd, std::function<void()> changed);

  /// Write BYTES; what the reader has no room for is kept.
  void write(std::string_view bytes);

  bool pending() const { return !kept_.empty(); }
  bool reader_gone() const { return reader_gone_; }
  /// errno of the first write that failed for another reason (a full disk); what came then and
  /// later is lost.
  int fault() const { return fault_; }

 private:
  bool write_some(std::string_view& bytes);
  void watch();
  void retry();
  void give_up(int number);

  Loop& loop_;
  int fd_;
  std::function<void()> changed_;
  bool direct_ = false;  ///< a file: never waits
  bool socket_ = false;
  bool reader_gone_ = false;
  int fault_ = 0;
  std::string kept_;
  Fd epoll_;
  std::optional<Poll> poll_;
};

}  // namespace sheepdog
