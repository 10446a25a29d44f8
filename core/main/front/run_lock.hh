// run_lock.hh -- at most one run of a name at a time.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "base/file.hh"
#include "base/result.hh"

namespace sheepdog {

/// A lock on DIRECTORY/NAME.lock. The command gets the descriptor too, so that a command that
/// outlives its wrapper still holds the lock; release() gives it free whoever has the descriptor.
class RunLock {
 public:
  /// Opens the file without taking the lock. Error: errno's.
  static Result<RunLock> open(const std::string& directory, const std::string& name);

  /// True where it is ours now; false where another run holds it.
  Result<bool> take();
  void release();
  int fd() const { return fd_.get(); }

 private:
  Fd fd_;
  std::string path_;
};

}  // namespace sheepdog
