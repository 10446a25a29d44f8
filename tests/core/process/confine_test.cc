// confine_test.cc -- a confined process computes, and does nothing else.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/confine.hh"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>

namespace sheepdog {
namespace {

/// What PROBE returns in a process of its own that has confined itself: 0 to 99; 100 where that failed.
int confined(const std::function<int()>& probe) {
  const pid_t pid = fork();
  if (pid == 0) {
    const auto done = confine();
    if (!done) std::fprintf(stderr, "%s\n", done.error().text().c_str());
    _exit(done ? probe() : 100);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int refused(bool failed) { return failed && (errno == EPERM || errno == EMFILE) ? 0 : 1; }

TEST(Confine, NoFileIsOpenedOrMade) {
  const auto path = testing::TempDir() + "confined-made-" + std::to_string(getpid());
  EXPECT_EQ(confined([] { return refused(open("/etc/passwd", O_RDONLY) < 0); }), 0);
  EXPECT_EQ(confined([&] { return refused(open(path.c_str(), O_CREAT | O_WRONLY, 0600) < 0); }), 0);
  EXPECT_EQ(confined([&] { return refused(mkdir(path.c_str(), 0700) != 0); }), 0);
  EXPECT_EQ(confined([] { return refused(unlink("/tmp/none") != 0); }), 0);
  EXPECT_EQ(confined([] {
              struct stat found {};
              return refused(stat("/etc/passwd", &found) != 0);
            }),
            0);
  EXPECT_NE(access(path.c_str(), F_OK), 0);
}

TEST(Confine, WhatIsOpenCanBeReadAndAPipeWritten) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const int file = open("/etc/passwd", O_RDONLY);
  EXPECT_EQ(confined([&] {
              char byte = 0;
              struct stat found {};
              return fstat(file, &found) == 0 && read(file, &byte, 1) == 1 && write(ends[1], "x", 1) == 1 ? 0 : 1;
            }),
            0);
  close(file);
  // But an open file takes no more.
  const auto path = testing::TempDir() + "confined-" + std::to_string(getpid());
  const int written = open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  EXPECT_EQ(confined([&] { return write(written, "x", 1) < 0 && errno == EFBIG ? 0 : 1; }), 0);
  close(written);
  unlink(path.c_str());
  close(ends[0]);
  close(ends[1]);
}

TEST(Confine, NothingIsStartedReachedOrSignalled) {
  EXPECT_EQ(confined([] {
              char name[] = "/bin/false";
              char* arguments[] = {name, nullptr};
              return refused(execv(name, arguments) != 0);
            }),
            0);
  EXPECT_EQ(confined([] { return refused(fork() < 0); }), 0);
  EXPECT_EQ(confined([] { return refused(socket(AF_UNIX, SOCK_STREAM, 0) < 0); }), 0);
  EXPECT_EQ(confined([] { return refused(kill(getppid(), 0) != 0); }), 0);
  EXPECT_EQ(confined([] {
              const rlimit more{10, 10};
              return refused(setrlimit(RLIMIT_NOFILE, &more) != 0);
            }),
            0);
}

TEST(Confine, RootIsNobody) {
  if (geteuid() != 0) GTEST_SKIP() << "for root";
  EXPECT_EQ(confined([] { return geteuid() == 65534 && getegid() == 65534 ? 0 : 1; }), 0);
  EXPECT_EQ(confined([] { return refused(setuid(0) != 0); }), 0);
}

TEST(Confine, ItComputesAndAborts) {
  EXPECT_EQ(confined([] {
              void* memory = mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              std::string text(1 << 20, 'x');
              const auto now = std::chrono::system_clock::now().time_since_epoch().count();
              return memory != MAP_FAILED && text.size() == 1 << 20 && now > 0 ? 0 : 1;
            }),
            0);
#ifndef __SANITIZE_ADDRESS__
  EXPECT_EQ(confined([]() -> int { std::abort(); }), 128 + SIGABRT);
#endif
}

TEST(Confine, ItDiesWithItsParent) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    int ready[2];
    if (pipe(ready) != 0) _exit(1);
    if (fork() == 0) {
      if (!confine()) _exit(1);
      if (write(ready[1], "x", 1) != 1) _exit(1);
      pause();
      for (;;) std::this_thread::yield();
    }
    char byte = 0;
    if (read(ready[0], &byte, 1) != 1) _exit(1);
    _exit(0);
  }
  close(ends[1]);
  waitpid(parent, nullptr, 0);
  char byte = 0;
  EXPECT_EQ(read(ends[0], &byte, 1), 0);  // at its end only: nobody else has the pipe
  close(ends[0]);
}

}  // namespace
}  // namespace sheepdog
