// tcp_connect.cc -- resolving on a thread, connecting on the loop.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/tcp_connect.hh"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include "loop/detached.hh"
#include "loop/lifeline.hh"
#include "loop/poll.hh"
#include "loop/timer.hh"

namespace sheepdog {

namespace {

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (code != 0) return Error{ErrorCode::unreachable, ::gai_strerror(code), host};
  std::vector<Address> addresses;
  for (const auto* one = list; one != nullptr; one = one->ai_next) {
    Address address;
    address.size = one->ai_addrlen;
    std::memcpy(&address.bytes, one->ai_addr, one->ai_addrlen);
    addresses.push_back(address);
  }
  ::freeaddrinfo(list);
  return addresses;
}

void set_option(int fd, int level, int name) {
  const int on = 1;
  ::setsockopt(fd, level, name, &on, sizeof on);
}

}  // namespace

struct TcpConnect::State {
  State(Loop& on, std::string name, Micros total, std::function<void(Result<Fd>)> call)
      : loop(on), host(std::move(name)), patience(total), answer(std::move(call)), timer(on) {}
  void finish(Result<Fd> result) {
    poll.reset();
    timer.stop();
    const auto call = answer;
    call(std::move(result));
  }

  void resolved(Result<std::vector<Address>> result) {
    if (!result) return finish(result.error());
    addresses = *std::move(result);
    share = patience / static_cast<Micros>(addresses.empty() ? 1 : addresses.size());
    attempt();
  }

  void attempt() {
    if (next == addresses.size()) {
      Error none{ErrorCode::unreachable, "has no address", host};
      return finish(last ? *last : std::move(none));
    }
    const auto& address = addresses[next++];
    fd.reset(::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return failed(errno);
    set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY);
    set_option(fd.get(), SOL_SOCKET, SO_KEEPALIVE);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address.bytes), address.size) == 0)
      return finish(std::move(fd));
    if (errno != EINPROGRESS) return failed(errno);
    auto opened = Poll::open(loop, fd.get());
    if (!opened) return finish(opened.error());
    poll = *std::move(opened);
    poll->start(Poll::writable, [this](int) {
      int error = 0;
      socklen_t size = sizeof error;
      ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
      if (error != 0) return failed(error);
      poll.reset();
      finish(std::move(fd));
    });
    timer.once(share, [this] { failed(ETIMEDOUT); });
  }

  void failed(int error) {
    poll.reset();
    fd.reset();
    last = errno_error(error, host);
    attempt();
  }

  Loop& loop;
  std::string host;
  Micros patience;
  Micros share = 0;
  std::function<void(Result<Fd>)> answer;
  std::vector<Address> addresses;
  std::size_t next = 0;
  std::optional<Error> last;
  Fd fd;
  std::optional<Poll> poll;
  Timer timer;
  std::unique_ptr<Detached> resolving;
  Lifeline lifeline;
};

TcpConnect::TcpConnect(Loop& loop, const std::string& host, std::uint16_t port, Micros patience,
                       std::function<void(Result<Fd>)> answer)
    : state_(std::make_unique<State>(loop, host, patience, std::move(answer))) {
  State* state = state_.get();
  if (auto numeric = resolve(host, port, AI_NUMERICHOST)) {
    loop.post(state->lifeline.tie(
        [state, found = *std::move(numeric)]() mutable { state->resolved(std::move(found)); }));
    return;
  }
  auto resolving = Detached::start(loop, [state, host, port]() -> std::function<void()> {
    return [state, found = resolve(host, port, AI_ADDRCONFIG)] {
      state->timer.stop();
      state->resolved(found);
    };
  });
  if (!resolving) {
    loop.post(state->lifeline.tie([state, why = resolving.error()] { state->finish(why); }));
    return;
  }
  state->resolving = *std::move(resolving);
  state->timer.once(patience, [state] {
    state->resolving.reset();
    state->finish(Error{ErrorCode::timeout, "the name could not be resolved in time", state->host});
  });
}

TcpConnect::~TcpConnect() = default;

}  // namespace sheepdog
