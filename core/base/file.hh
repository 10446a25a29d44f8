// file.hh -- owned file descriptors; whole-file reading and durable writing.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hh"

namespace sheepdog {

/// Owns a file descriptor and closes it.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  ~Fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

/// The whole of PATH, at most LIMIT bytes. Errors: errno's; full where it is longer.
Result<std::string> read_file(const std::string& path, std::size_t limit = std::size_t{64} << 20);

/// Write all of BYTES, through short writes and EINTR.
Result<> write_all(int fd, std::string_view bytes);

/// Write PATH so that after a crash it is there whole or not at all: a temporary file in the same
/// directory, fsync, rename, fsync of the directory.
Result<> write_durably(const std::string& path, std::string_view bytes, mode_t mode);

/// Make DIRECTORY and what leads to it; an existing one is left as it is.
Result<> make_directories(const std::string& path, mode_t mode);

}  // namespace sheepdog
