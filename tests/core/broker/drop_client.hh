// drop_client.hh -- a reporter's end of the drop socket, as rude as a test needs it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hh"
#include "loop/local_socket.hh"
#include "support.hh"

namespace sheepdog::testing {

class DropClient {
 public:
  DropClient(Loop& loop, const std::string& path) : loop_(loop) {
    auto fd = connect_local(path);
    EXPECT_TRUE(fd) << fd.error().text();
    if (fd) fd_ = *std::move(fd);
  }

  /// Sends all of BYTES while the loop turns.
  bool send(std::string_view bytes) {
    return wait_until(loop_, [&] {
      const auto n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
      return bytes.empty();
    });
  }
  /// One send; what did not fit is not sent.
  ssize_t send_some(std::string_view bytes) {
    return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  /// The next answer, without its newline; nothing where the server closes instead.
  std::optional<std::string> answer() {
    std::optional<std::string> line;
    const bool came = wait_until(loop_, [&] {
      const auto end = got_.find('\n');
      if (end != std::string::npos) {
        line = got_.substr(0, end);
        got_.erase(0, end + 1);
        return true;
      }
      char buffer[4096];
      const auto n = ::recv(fd_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
      if (n > 0) got_.append(buffer, static_cast<std::size_t>(n));
      return n == 0 || (n < 0 && errno != EAGAIN);
    });
    EXPECT_TRUE(came) << "no answer";
    return line;
  }

  void end_sending() { ::shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_.reset(); }

 private:
  Loop& loop_;
  Fd fd_;
  std::string got_;
};

}  // namespace sheepdog::testing
