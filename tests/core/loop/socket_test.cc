// socket_test.cc -- streams, local sockets and connections over TCP.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "loop/lifeline.hh"
#include "loop/local_socket.hh"
#include "loop/stream.hh"
#include "loop/tcp_connect.hh"
#include "loop/timer.hh"

namespace sheepdog {
namespace {

class SocketTest : public ::testing::Test {
 protected:
  bool wait_until(const std::function<bool()>& done) {
    bool late = false;
    Timer deadline(loop);
    deadline.once(20 * micros_per_second, [&] { late = true; });
    while (!done() && !late) loop.run_once();
    return !late;
  }
  Loop loop;
};

TEST_F(SocketTest, AStreamCarriesMuchInOrderBothWays) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  std::string sent;
  for (int i = 0; i < 300'000; ++i) sent += std::to_string(i) + " ";
  std::string got;
  bool ended = false;
  bool drained = false;
  std::optional<Stream> a;
  StreamEvents echo;
  Stream b;
  echo.bytes = [&](std::string_view bytes) { b.send(bytes); };
  b = Stream(loop, Fd(ends[1]), echo);
  a.emplace(loop, Fd(ends[0]),
            StreamEvents{{}, [&](std::string_view bytes) { got += bytes; }, [&] { ended = true; },
                         {}, [&] { drained = true; }});
  a->send(sent);
  EXPECT_EQ(a->unsent(), sent.size()) << "nothing is sent before the next turn";
  ASSERT_TRUE(wait_until([&] { return got.size() >= sent.size(); }));
  EXPECT_EQ(got, sent);
  EXPECT_TRUE(drained);
  EXPECT_FALSE(ended);
  b = {};
  EXPECT_TRUE(wait_until([&] { return ended; }));
}

TEST_F(SocketTest, AStreamThatDoesNotReadHoldsTheSenderBack) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  std::size_t got = 0;
  Stream reader(loop, Fd(ends[1]), {{}, [&](std::string_view bytes) { got += bytes.size(); }, {}, {}, {}});
  reader.set_reading(false);
  const std::string chunk(65536, 'x');
  std::size_t sent = 0;
  for (ssize_t n; (n = ::send(ends[0], chunk.data(), chunk.size(), MSG_NOSIGNAL)) > 0;) {
    sent += static_cast<std::size_t>(n);
    loop.run_once(false);
  }
  EXPECT_EQ(got, 0u);
  reader.set_reading(true);
  EXPECT_TRUE(wait_until([&] { return got == sent; }));
  ::close(ends[0]);
}

TEST_F(SocketTest, AStreamMayBeDestroyedInItsEvents) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  std::optional<Stream> stream;
  stream.emplace(loop, Fd(ends[0]),
                 StreamEvents{{}, [&](std::string_view) { stream.reset(); }, {}, {}, {}});
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  EXPECT_TRUE(wait_until([&] { return !stream; }));
  ::close(ends[1]);
  loop.run_once(false);
  EXPECT_EQ(loop.open_handles(), 0);
}

TEST_F(SocketTest, APathLongerThanASocketsAddress) {
  std::string directory = std::filesystem::temp_directory_path() / "sheepdog-loop-XXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  const std::string deep = directory + "/" + std::string(150, 'd');
  ASSERT_TRUE(make_directories(deep, 0700));
  const std::string path = deep + "/socket";
  {
    int accepted = 0;
    const auto listener = LocalListener::open(loop, path, 0600, [&](const Fd& fd) {
      ++accepted;
      EXPECT_EQ(*peer_user(fd.get()), geteuid());
    });
    ASSERT_TRUE(listener) << listener.error().text();
    const auto fd = connect_local(path);
    ASSERT_TRUE(fd) << fd.error().text();
    EXPECT_TRUE(wait_until([&] { return accepted == 1; }));
  }
  EXPECT_EQ(connect_local(path).error().code, ErrorCode::not_found);
  std::filesystem::remove_all(directory);
}

TEST_F(SocketTest, TcpByNameByNumberAndNotAtAll) {
  const Fd listening(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(listening.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(getsockname(listening.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  const auto connect = [&](const char* host, std::uint16_t port) {
    std::optional<Result<Fd>> result;
    const TcpConnect attempt(loop, host, port, 5 * micros_per_second,
                             [&](Result<Fd> fd) { result.emplace(std::move(fd)); });
    EXPECT_FALSE(result) << "never at once";
    EXPECT_TRUE(wait_until([&] { return result.has_value(); }));
    return *std::move(result);
  };
  const auto port = ntohs(address.sin_port);
  EXPECT_FALSE(connect("127.0.0.1", port)) << "nobody listens yet";
  ASSERT_EQ(listen(listening.get(), 5), 0);
  EXPECT_TRUE(connect("127.0.0.1", port));
  EXPECT_TRUE(connect("localhost", port));
  EXPECT_EQ(connect("no-such-name.invalid", port).error().code, ErrorCode::unreachable);
  { const TcpConnect dropped(loop, "localhost", port, 1, [](const auto&) { ADD_FAILURE(); }); }
  loop.run_once(false);
  EXPECT_EQ(loop.open_handles(), 0);
}

TEST(Lifeline, CutsWhatWasTied) {
  int calls = 0;
  std::function<void()> tied;
  {
    const Lifeline lifeline;
    tied = lifeline.tie([&] { ++calls; });
    tied();
  }
  tied();
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace sheepdog
