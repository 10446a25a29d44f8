// wrapper_test.cc -- a run and its reports, where a test has to set what a user cannot.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/front/run.hh"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>

#include "../broker/redis_server.hh"
#include "base/file.hh"
#include "base/places.hh"

namespace sheepdog {
namespace {

using testing::PrivateDirectory;
using testing::RedisServer;

/// `sheepdog run` in a process of its own, since it takes over signals and standard streams.
class RunningWrapper {
 public:
  explicit RunningWrapper(const RunOptions& options) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
    input_.reset(ends[1]);
    pid_ = fork();
    if (pid_ != 0) {
      close(ends[0]);
      return;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(ends[0], STDIN_FILENO);
    input_.reset();
    _exit(run(options));
  }
  ~RunningWrapper() {
    if (pid_ > 0) kill(pid_, SIGKILL);
    wait();
  }
  RunningWrapper(const RunningWrapper&) = delete;
  RunningWrapper& operator=(const RunningWrapper&) = delete;

  void end_input() { input_.reset(); }
  int wait() {
    int status = -1;
    if (pid_ > 0) waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  Fd input_;
  pid_t pid_ = -1;
};

bool within_deadline(const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

std::size_t files_in(const std::string& directory) {
  std::error_code none;
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(directory, none), {}));
}

TEST(Wrapper, ALeaseIsRenewedThroughAnOutageAndAfterIt) {
  NEEDS_REDIS();
  const PrivateDirectory directory;
  RedisServer redis;
  RunOptions options;
  options.argv = {"/bin/sh", "-c", "read x; exit 3"};
  options.service = "long";
  options.broker = redis.address().text();
  options.state_dir = directory / "state";
  options.renewal = 200'000;
  const auto incoming = places_of(options.state_dir).incoming;
  RunningWrapper wrapper(options);
  ASSERT_TRUE(within_deadline([&] { return redis.length() >= 3; })) << "start and renewals";
  redis.kill();
  // More than were on their way: it goes on while the broker is away.
  ASSERT_TRUE(within_deadline([&] { return files_in(incoming) >= 3; }));
  redis.start();
  const auto before = redis.length();
  EXPECT_TRUE(within_deadline([&] { return redis.length() >= before + 3; }));
  wrapper.end_input();
  EXPECT_EQ(wrapper.wait(), 3);
  EXPECT_NE(redis.command({"XREVRANGE", "sheepdog:reports", "+", "-", "COUNT", "1"})
                .find(R"("phase":"end")"),
            std::string::npos);
}

}  // namespace
}  // namespace sheepdog
