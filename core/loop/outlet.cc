// outlet.cc -- writes to a standard stream of ours without ever waiting for its reader.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/outlet.hh"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sheepdog {

namespace {

/// A pipe or terminal that poll(2) calls writable takes this much without blocking (PIPE_BUF).
constexpr std::size_t safe_size = 4096;

}  // namespace

Outlet::Outlet(Loop& loop, int fd, std::function<void()> changed)
    : loop_(loop), fd_(fd), changed_(std::move(changed)) {
  struct stat info {};
  if (fstat(fd, &info) != 0) {
    fault_ = errno;
    return;
  }
  direct_ = S_ISREG(info.st_mode) || S_ISBLK(info.st_mode);
  socket_ = S_ISSOCK(info.st_mode);
}

void Outlet::write(std::string_view bytes) {
  if (reader_gone_ || fault_ != 0) return;
  while (kept_.empty() && !bytes.empty())
    if (!write_some(bytes)) break;
  if (bytes.empty() || reader_gone_ || fault_ != 0) return;
  kept_ += bytes;
  watch();
}

/// False where nothing more can be written now.
bool Outlet::write_some(std::string_view& bytes) {
  ssize_t n = 0;
  if (socket_) {
    n = ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  } else if (direct_) {
    n = ::write(fd_, bytes.data(), bytes.size());
  } else {
    pollfd writable{fd_, POLLOUT, 0};
    if (::poll(&writable, 1, 0) == 0) return false;
    n = ::write(fd_, bytes.data(), std::min(bytes.size(), safe_size));
  }
  if (n >= 0) {
    bytes.remove_prefix(static_cast<std::size_t>(n));
    return true;
  }
  if (errno == EINTR) return true;
  if (errno != EAGAIN) give_up(errno);
  return false;
}

void Outlet::give_up(int number) {
  if (number == EPIPE) reader_gone_ = true;
  else fault_ = number;
  kept_.clear();
  poll_.reset();
  // In a later turn, since this may be in the midst of the output's callback.
  loop_.post([changed = changed_] { changed(); });
}

/// An epoll of our own stands between libuv, which makes what it watches non-blocking, and fd_.
void Outlet::watch() {
  if (poll_) return;
  epoll_.reset(epoll_create1(EPOLL_CLOEXEC));
  epoll_event event{};
  event.events = EPOLLOUT;
  if (!epoll_ || epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd_, &event) != 0) {
    direct_ = true;  // epoll refuses what is always ready
    retry();
    return;
  }
  auto poll = Poll::open(loop_, epoll_.get());
  if (!poll) return give_up(EIO);
  poll_.emplace(std::move(*poll));
  poll_->start(Poll::readable, [this](int) { retry(); });
}

void Outlet::retry() {
  std::string_view rest = kept_;
  while (!rest.empty() && write_some(rest)) {
  }
  if (reader_gone_ || fault_ != 0) return;
  kept_.erase(0, kept_.size() - rest.size());
  if (!kept_.empty()) return;
  poll_.reset();
  changed_();
}

}  // namespace sheepdog
