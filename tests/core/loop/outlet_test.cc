// outlet_test.cc -- nothing is lost on the way to a slow reader, and nobody is kept waiting.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/outlet.hh"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace sheepdog {
namespace {

class OutletTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);
    if (GetParam()) ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()), 0);
    else ASSERT_EQ(pipe(ends_.data()), 0);
  }
  void TearDown() override {
    EXPECT_EQ(loop_.open_handles(), 0);
    close(ends_[0]);
    if (ends_[1] >= 0) close(ends_[1]);
  }
  int reading() const { return ends_[0]; }
  int writing() const { return ends_[1]; }

  Loop loop_;
  std::array<int, 2> ends_{-1, -1};
};

INSTANTIATE_TEST_SUITE_P(Kinds, OutletTest, testing::Bool(), [](const auto& kind) {
  return kind.param ? "Socket" : "Pipe";
});

TEST_P(OutletTest, KeepsWhatTheReaderHasNoRoomFor) {
  std::string text;
  while (text.size() < 1'000'000) text += std::to_string(text.size()) + "\n";
  int changed = 0;
  {
    Outlet outlet(loop_, writing(), [&] { ++changed; });
    outlet.write(text);
    EXPECT_TRUE(outlet.pending());
    outlet.write("the end");
    std::string got;
    while (outlet.pending()) {
      std::array<char, 10'000> buffer;
      const auto n = read(reading(), buffer.data(), buffer.size());
      ASSERT_GT(n, 0);
      got.append(buffer.data(), static_cast<std::size_t>(n));
      loop_.run_once(false);
    }
    ends_[1] = (close(ends_[1]), -1);
    std::array<char, 10'000> buffer;
    while (const auto n = read(reading(), buffer.data(), buffer.size()))
      got.append(buffer.data(), static_cast<std::size_t>(n));
    EXPECT_TRUE(got == text + "the end");
    EXPECT_EQ(changed, 1);
  }
  loop_.run();
}

TEST_P(OutletTest, TheDescriptorStaysBlockingForOthers) {
  Outlet outlet(loop_, writing(), [] {});
  outlet.write(std::string(1'000'000, 'x'));
  EXPECT_TRUE(outlet.pending());
  EXPECT_EQ(fcntl(writing(), F_GETFL) & O_NONBLOCK, 0);
}

TEST_P(OutletTest, SeesThatTheReaderHasGone) {
  bool changed = false;
  Outlet outlet(loop_, writing(), [&] { changed = true; });
  outlet.write(std::string(1'000'000, 'x'));
  close(ends_[0]);
  while (!changed) loop_.run_once();
  EXPECT_TRUE(outlet.reader_gone());
  EXPECT_FALSE(outlet.pending());
  outlet.write("more");
  EXPECT_FALSE(outlet.pending());
}

TEST(Outlet, AFullDiskIsAFaultOnly) {
  Loop loop;
  const Fd full(open("/dev/full", O_WRONLY));
  if (!full) GTEST_SKIP() << "no /dev/full";
  {
    Outlet outlet(loop, full.get(), [] {});
    outlet.write("text");
    EXPECT_EQ(outlet.fault(), ENOSPC);
    EXPECT_FALSE(outlet.reader_gone());
    EXPECT_FALSE(outlet.pending());
  }
  loop.run();
}

TEST(Outlet, WritesToFiles) {
  Loop loop;
  char path[] = "/tmp/sheepdog-outlet-XXXXXX";
  const Fd file(mkstemp(path));
  Outlet outlet(loop, file.get(), [] {});
  outlet.write(std::string(1'000'000, 'x'));
  EXPECT_FALSE(outlet.pending());
  EXPECT_EQ(read_file(path)->size(), 1'000'000U);
  unlink(path);
}

}  // namespace
}  // namespace sheepdog
