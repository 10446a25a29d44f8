// run_lock.cc -- at most one run of a name at a time.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/front/run_lock.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>

#include "base/uuid.hh"

namespace sheepdog {

namespace {

/// NAME as a file name; two names never give the same one.
std::string file_name(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') || c == '-' || c == '_' || (c == '.' && !out.empty());
    out += plain ? std::string(1, c) : fmt::format("%{:02x}", static_cast<unsigned char>(c));
  }
  return out.size() <= 200 ? out : sha256_hex(name);
}

}  // namespace

Result<RunLock> RunLock::open(const std::string& directory, const std::string& name) {
  if (auto made = make_directories(directory, 0700); !made) return made.error();
  RunLock lock;
  lock.path_ = fmt::format("{}/{}.lock", directory, file_name(name));
  lock.fd_.reset(::open(lock.path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock.fd_) return errno_error(errno, lock.path_);
  return lock;
}

Result<bool> RunLock::take() {
  if (flock(fd_.get(), LOCK_EX | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK || errno == EINTR) return false;
  return errno_error(errno, path_);
}

void RunLock::release() {
  if (fd_) flock(fd_.get(), LOCK_UN);
  fd_.reset();
}

}  // namespace sheepdog
