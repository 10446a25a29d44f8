// local_socket.cc -- unix stream sockets.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/local_socket.hh"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "base/log.hh"
#include "loop/lifeline.hh"
#include "loop/poll.hh"
#include "loop/timer.hh"

namespace sheepdog {

namespace {

constexpr Micros breath = 100'000;  ///< before accepting again when descriptors have run out

/// A path longer than sun_path is reached through its directory's descriptor.
struct Address {
  explicit Address(const std::string& path) {
    name.sun_family = AF_UNIX;
    std::string shown = path;
    if (shown.size() >= sizeof name.sun_path) {
      const auto slash = path.rfind('/');
      directory.reset(::open(path.substr(0, slash + 1).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
      if (directory)
        shown = "/proc/self/fd/" + std::to_string(directory.get()) + path.substr(slash);
    }
    fits = shown.size() < sizeof name.sun_path;
    if (fits) std::memcpy(name.sun_path, shown.c_str(), shown.size() + 1);
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&name); }

  sockaddr_un name{};
  Fd directory;
  bool fits = false;
};

Result<Fd> new_socket() {
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return errno_error(errno, "socket");
  return fd;
}

Result<Fd> listen_at(const std::string& path, mode_t mode) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) == 0) {
    if (!S_ISSOCK(found.st_mode))
      return Error{ErrorCode::exists, "is there already and is not a socket", path};
    const auto answer = connect_local(path);
    if (answer || answer.error().code != ErrorCode::unreachable)
      return Error{ErrorCode::busy, "somebody listens there already", path};
    ::unlink(path.c_str());
  }
  auto fd = new_socket();
  if (!fd) return fd;
  const Address address(path);
  if (!address.fits) return Error{ErrorCode::invalid, "too long for a socket", path};
  // Before bind this keeps others out from the first moment, after it the umask has no say.
  ::fchmod(fd->get(), mode);
  if (::bind(fd->get(), address.get(), sizeof address.name) != 0) return errno_error(errno, path);
  if (::chmod(path.c_str(), mode) != 0 || ::listen(fd->get(), SOMAXCONN) != 0)
    return errno_error(errno, path);
  return fd;
}

}  // namespace

Result<Fd> connect_local(const std::string& path) {
  const Address address(path);
  if (!address.fits) return Error{ErrorCode::not_found, "cannot be reached", path};
  auto fd = new_socket();
  if (!fd) return fd;
  if (::connect(fd->get(), address.get(), sizeof address.name) != 0)
    return errno_error(errno, path);
  return fd;
}

Result<uid_t> peer_user(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    return errno_error(errno, "peer of a socket");
  return peer.uid;
}

struct LocalListener::State {
  State(Loop& loop, Fd listening, std::string at, std::function<void(Fd)> call)
      : fd(std::move(listening)), path(std::move(at)), accepted(std::move(call)), pause(loop) {
    struct stat made {};
    ::lstat(path.c_str(), &made);
    inode = made.st_ino;
  }
  ~State() {
    struct stat now {};
    if (::lstat(path.c_str(), &now) == 0 && now.st_ino == inode) ::unlink(path.c_str());
  }

  void start() {
    poll->start(Poll::readable, [this](int) { accept_all(); });
  }

  void accept_all() {
    const auto alive = lifeline.watch();
    const auto call = accepted;
    // Not more than a handful at once, so that those who are connected have their turn.
    for (int i = 0; i < 32 && !alive.expired(); ++i) {
      Fd one(::accept4(fd.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (one) {
        call(std::move(one));
        continue;
      }
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return;
      log::warning("{}: cannot accept: {}", path, std::strerror(errno));
      poll->stop();
      pause.once(breath, [this] { start(); });
      return;
    }
  }

  Fd fd;
  std::string path;
  std::function<void(Fd)> accepted;
  std::optional<Poll> poll;
  Timer pause;
  ino_t inode = 0;
  Lifeline lifeline;
};

LocalListener::LocalListener(std::unique_ptr<State> state) : state_(std::move(state)) {}
LocalListener::LocalListener(LocalListener&&) noexcept = default;
LocalListener& LocalListener::operator=(LocalListener&&) noexcept = default;
LocalListener::~LocalListener() = default;

Result<LocalListener> LocalListener::open(Loop& loop, const std::string& path, mode_t mode,
                                          std::function<void(Fd)> accepted) {
  auto fd = listen_at(path, mode);
  if (!fd) return fd.error();
  const int raw = fd->get();
  auto state = std::make_unique<State>(loop, *std::move(fd), path, std::move(accepted));
  auto poll = Poll::open(loop, raw);
  if (!poll) return poll.error();
  state->poll = *std::move(poll);
  state->start();
  return LocalListener(std::move(state));
}

}  // namespace sheepdog
