// file.cc -- owned file descriptors; whole-file reading and durable writing.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace sheepdog {

void Fd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error(errno, path);
  std::string out;
  char buffer[65536];
  for (;;) {
    const auto n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0) {
      if (errno == EINTR) continue;
      return errno_error(errno, path);
    }
    if (n == 0) return out;
    if (out.size() + static_cast<std::size_t>(n) > limit)
      return Error{ErrorCode::full, "longer than " + std::to_string(limit) + " bytes", path};
    out.append(buffer, static_cast<std::size_t>(n));
  }
}

Result<> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      return errno_error(errno, "write");
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<> write_durably(const std::string& path, std::string_view bytes, mode_t mode) {
  const auto slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const std::string temporary =
      (slash == std::string::npos ? "" : directory) + "." + name + "." + std::to_string(::getpid());
  Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd) return errno_error(errno, path);
  auto wrote = write_all(fd.get(), bytes);
  if (wrote && ::fsync(fd.get()) != 0) wrote = errno_error(errno, path);
  if (wrote && ::rename(temporary.c_str(), path.c_str()) != 0) wrote = errno_error(errno, path);
  if (!wrote) {
    ::unlink(temporary.c_str());
    return wrote;
  }
  // A directory that we may write but not open (1733) cannot be synced; the rename is then as
  // durable as the file system makes it.
  Fd dir(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (dir && ::fsync(dir.get()) != 0) return errno_error(errno, directory);
  return {};
}

Result<> make_directories(const std::string& path, mode_t mode) {
  for (std::size_t at = 1; at <= path.size(); ++at) {
    if (at != path.size() && path[at] != '/') continue;
    const std::string part = path.substr(0, at);
    if (::mkdir(part.c_str(), mode) != 0 && errno != EEXIST) return errno_error(errno, part);
  }
  return {};
}

}  // namespace sheepdog
