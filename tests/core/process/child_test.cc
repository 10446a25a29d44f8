// child_test.cc -- commands start, are drained, stopped and accounted for, and nothing is left.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/child.hh"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <tuple>

#include "loop/timer.hh"

namespace sheepdog {
namespace {

struct Ran {
  std::string out, err;
  ChildEnd end;
  int exits = 0;
};

class ChildTest : public testing::Test {
 protected:
  void TearDown() override {
    EXPECT_EQ(loop_.open_handles(), 0);
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a child was left";
    EXPECT_EQ(errno, ECHILD);
  }

  Ran run(ChildOptions options) {
    Ran ran;
    std::optional<Child> child;
    child.emplace(
        loop_, clock_, std::move(options),
        [&](Output which, std::string_view bytes) {
          (which == Output::out ? ran.out : ran.err) += bytes;
        },
        [&](const ChildEnd& end) {
          ran.end = end;
          ++ran.exits;
          child.reset();
        });
    loop_.run();
    EXPECT_EQ(ran.exits, 1);
    return ran;
  }

  static ChildOptions shell(std::string script) {
    ChildOptions o;
    o.argv = {"/bin/sh", "-c", std::move(script)};
    return o;
  }

  Loop loop_;
  SystemClock clock_;
};

TEST_F(ChildTest, OutputAndStatusAreTheCommands) {
  const auto ran = run(shell("echo out; echo err >&2; exit 3"));
  EXPECT_EQ(ran.out, "out\n");
  EXPECT_EQ(ran.err, "err\n");
  EXPECT_EQ(ran.end.how, ChildEnd::How::exited);
  EXPECT_EQ(ran.end.exit_status, 3);
  EXPECT_EQ(ran.end.text(), "exit 3");
  EXPECT_FALSE(ran.end.output_cut);
  EXPECT_GT(ran.end.peak_memory, 0);
  EXPECT_GT(ran.end.duration, 0);
}

TEST_F(ChildTest, BothPipesAreDrainedWhateverTheirVolume) {
  const auto ran = run(shell("head -c 3000000 /dev/zero >&2; head -c 3000000 /dev/zero"));
  EXPECT_EQ(ran.out.size(), 3'000'000U);
  EXPECT_EQ(ran.err.size(), 3'000'000U);
}

TEST_F(ChildTest, InputIsWrittenThenClosed) {
  ChildOptions o;
  o.argv = {"cat"};
  o.input = Stream::pipe;
  o.input_bytes.assign(1'000'000, 'x');
  EXPECT_EQ(run(o).out, o.input_bytes);
}

TEST_F(ChildTest, AChildThatDoesNotReadItsInputDoesNotEndUs) {
  ChildOptions o;
  o.argv = {"true"};
  o.input = Stream::pipe;
  o.input_bytes.assign(1'000'000, 'x');
  EXPECT_TRUE(run(o).end.succeeded());
}

TEST_F(ChildTest, AMissingProgramIsNotExit127) {
  ChildOptions o;
  o.argv = {"/no/such/program"};
  const auto missing = run(o).end;
  EXPECT_EQ(missing.how, ChildEnd::How::not_started);
  EXPECT_TRUE(missing.fault.program_missing);
  EXPECT_EQ(missing.text(), "/no/such/program: No such file or directory");
  o.argv = {"no-such-program-anywhere"};
  EXPECT_TRUE(run(o).end.fault.program_missing);
  o.argv = {""};
  EXPECT_TRUE(run(o).end.fault.program_missing);

  const auto exited = run(shell("exit 127")).end;
  EXPECT_EQ(exited.how, ChildEnd::How::exited);
  EXPECT_EQ(exited.exit_status, 127);
}

TEST_F(ChildTest, WhatPreventsTheStartIsNamed) {
  ChildOptions o;
  o.argv = {"/etc/passwd"};
  auto end = run(o).end;
  EXPECT_EQ(end.fault.number, EACCES);
  EXPECT_FALSE(end.fault.program_missing);

  o.argv = {"true"};
  o.directory = "/no/such/directory";
  end = run(o).end;
  EXPECT_EQ(end.how, ChildEnd::How::not_started);
  EXPECT_EQ(end.text(), "directory /no/such/directory: No such file or directory");
  EXPECT_FALSE(end.fault.program_missing);
}

TEST_F(ChildTest, AScriptWithoutInterpreterLineRunsInTheShell) {
  char path[] = "/tmp/sheepdog-script-XXXXXX";
  const int fd = mkstemp(path);
  ASSERT_TRUE(write_all(fd, "echo \"$0 $1\"\n"));
  fchmod(fd, 0700);
  close(fd);
  ChildOptions o;
  o.argv = {path, "one"};
  EXPECT_EQ(run(o).out, std::string(path) + " one\n");
  unlink(path);
}

TEST_F(ChildTest, DirectoryEnvironmentAndLimitsAreSet) {
  auto o = shell("pwd; echo $GREETING $HOME; ulimit -n");
  o.directory = "/";
  o.environment = {"GREETING=hello", "PATH=/bin:/usr/bin"};
  o.limits = {{RLIMIT_NOFILE, 77, 77}};
  EXPECT_EQ(run(o).out, "/\nhello\n77\n");
}

TEST_F(ChildTest, TheProgramIsSearchedInTheChildsOwnPath) {
  ChildOptions o;
  o.argv = {"true"};
  o.environment = {"PATH=/no/such/directory"};
  EXPECT_TRUE(run(o).end.fault.program_missing);
  o.environment = {"NAME=only"};
  EXPECT_TRUE(run(o).end.succeeded()) << "without PATH there is a default";
}

TEST_F(ChildTest, SignalsStartFreshButForTheIgnored) {
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  auto o = shell("grep -E '^Sig(Blk|Ign)' /proc/self/status");
  o.ignored_signals = {SIGINT};
  const auto ran = run(o);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::signal(SIGINT, SIG_DFL);
  EXPECT_EQ(ran.out, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000002\n");
}

TEST_F(ChildTest, SupplementaryGroupsAndUserAreAsAsked) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  auto o = shell("id -u; id -g; id -G");
  o.uid = 12345;
  o.gid = 12346;
  o.groups = {12347, 12348};
  EXPECT_EQ(run(o).out, "12345\n12346\n12346 12347 12348\n");
  EXPECT_EQ(geteuid(), 0U);
}

TEST_F(ChildTest, OnlyDescriptorsThatAreAskedForReachTheChild) {
  int ours[2];
  ASSERT_EQ(pipe2(ours, O_CLOEXEC), 0);
  const auto fd = std::to_string(ours[0]);
  auto o = shell("test -e /proc/$$/fd/" + fd + " && echo there || echo absent");
  EXPECT_EQ(run(o).out, "absent\n");
  o.keep_open = {ours[0]};
  EXPECT_EQ(run(o).out, "there\n");
  close(ours[0]);
  close(ours[1]);
}

TEST_F(ChildTest, ItHasAGroupOrASessionOfItsOwn) {
  // Fields 5 and 6 of stat: group and session; after them none is ours.
  const auto script = "set -- $(cat /proc/$$/stat); echo $$ $5 $6";
  auto o = shell(script);
  auto ids = [](const std::string& out) {
    int pid = 0, group = 0, session = 0;
    EXPECT_EQ(sscanf(out.c_str(), "%d %d %d", &pid, &group, &session), 3);
    return std::tuple(pid, group, session);
  };
  auto [pid, group, session] = ids(run(o).out);
  EXPECT_EQ(group, pid);
  EXPECT_EQ(session, getsid(0));
  o.group = Group::session;
  std::tie(pid, group, session) = ids(run(o).out);
  EXPECT_EQ(session, pid);
  o.group = Group::ours;
  std::tie(pid, group, session) = ids(run(o).out);
  EXPECT_EQ(group, getpgrp());
}

TEST_F(ChildTest, ADeadlineEndsIt) {
  auto o = shell("echo before; exec sleep 100");
  o.timeout = 50'000;
  const auto ran = run(o);
  EXPECT_TRUE(ran.end.timed_out);
  EXPECT_EQ(ran.end.signal, SIGTERM);
  EXPECT_EQ(ran.end.text(), "timed out");
  EXPECT_LT(ran.end.duration, 20 * micros_per_second);
}

TEST_F(ChildTest, WhatIgnoresTermIsKilledWithItsWholeGroup) {
  // The grandchild ignores TERM too and holds the pipe: were it left, the pipe would stay open.
  auto o = shell("trap '' TERM; sleep 100 & echo $!; sleep 100");
  o.timeout = 50'000;
  o.grace = 50'000;
  o.pipe_wait = 30 * micros_per_second;
  const auto ran = run(o);
  EXPECT_TRUE(ran.end.timed_out);
  EXPECT_EQ(ran.end.signal, SIGKILL);
  EXPECT_FALSE(ran.end.output_cut);
  EXPECT_LT(ran.end.duration, 20 * micros_per_second);
}

TEST_F(ChildTest, AGrandchildGetsTheGraceToo) {
  // The leader dies of TERM at once, what it left needs a moment to clean up.
  auto o = shell("(trap 'sleep 0.2; echo cleaned; exit' TERM; sleep 100 & wait) & "
                 "trap - TERM; sleep 0.05; echo ready; wait");
  o.grace = 30 * micros_per_second;
  Ran ran;
  std::optional<Child> child;
  child.emplace(
      loop_, clock_, o,
      [&](Output, std::string_view bytes) {
        ran.out += bytes;
        if (ran.out == "ready\n") child->stop();
      },
      [&](const ChildEnd& end) {
        ran.end = end;
        child.reset();
      });
  loop_.run();
  EXPECT_EQ(ran.out, "ready\ncleaned\n");
  EXPECT_EQ(ran.end.signal, SIGTERM);
}

TEST_F(ChildTest, AGroupOfOursIsStoppedWithoutUs) {
  auto o = shell("sleep 100 & sleep 100");
  o.group = Group::ours;
  o.timeout = 50'000;
  o.pipe_wait = 30 * micros_per_second;
  const auto ran = run(o);
  EXPECT_TRUE(ran.end.timed_out);
  EXPECT_FALSE(ran.end.output_cut) << "the grandchild held the pipe";
}

TEST_F(ChildTest, APipeThatIsHeldOpenIsNotWaitedForLong) {
  auto o = shell("sleep 100 & echo $!");
  o.pipe_wait = 50'000;
  const auto ran = run(o);
  EXPECT_TRUE(ran.end.output_cut);
  EXPECT_TRUE(ran.end.succeeded());
  const auto left = static_cast<pid_t>(std::stol(ran.out));
  EXPECT_EQ(kill(left, SIGTERM), 0) << "what it left behind lives on";
}

TEST_F(ChildTest, APausedOutputLosesNothing) {
  auto o = shell("echo early; head -c 100000 /dev/zero | tr '\\0' x");
  o.pipe_wait = 10'000;
  std::string out;
  Timer timer(loop_);
  std::optional<Child> child;
  std::optional<ChildEnd> end;
  child.emplace(
      loop_, clock_, o,
      [&](Output which, std::string_view bytes) {
        const bool first = out.empty();
        out += bytes;
        if (!first) return;
        child->pause(which);
        timer.once(100'000, [&, which] { child->resume(which); });
      },
      [&](const ChildEnd& e) {
        end = e;
        child.reset();
      });
  loop_.run();
  EXPECT_EQ(out.size(), 6 + 100'000U);
  ASSERT_TRUE(end);
  EXPECT_FALSE(end->output_cut);
}

TEST_F(ChildTest, ASignalReachesTheWholeGroup) {
  Ran ran;
  std::optional<Child> child;
  child.emplace(
      loop_, clock_, shell("sleep 100 & echo; wait"),
      [&](Output, std::string_view) { child->signal(SIGKILL); },
      [&](const ChildEnd& end) { ran.end = end; });
  loop_.run();
  EXPECT_EQ(ran.end.signal, SIGKILL);
  EXPECT_FALSE(ran.end.timed_out);
  EXPECT_FALSE(ran.end.output_cut);
  EXPECT_EQ(ran.end.text(), "signal 9 (Killed)");
  EXPECT_EQ(child->pid(), -1);
}

TEST_F(ChildTest, ADestroyedChildIsKilledAndReaped) {
  pid_t pid = 0;
  {
    Child child(loop_, clock_, shell("sleep 100 & sleep 100"), nullptr,
                [](const ChildEnd&) { FAIL(); });
    pid = child.pid();
  }
  Timer tick(loop_);
  tick.every(1000, [] {});
  const auto deadline = clock_.monotonic() + 20 * micros_per_second;
  while (kill(pid, 0) == 0 && clock_.monotonic() < deadline) loop_.run_once();
  EXPECT_EQ(kill(pid, 0), -1);
}

TEST_F(ChildTest, ALoopThatEndsDoesNotWaitForADestroyedChild) {
  auto other = std::make_unique<Loop>();
  pid_t pid = 0;
  {
    Child child(*other, clock_, shell("sleep 100"), nullptr, [](const ChildEnd&) { FAIL(); });
    pid = child.pid();
  }
  other->run();
  other.reset();
  EXPECT_TRUE(waitpid(pid, nullptr, 0) == pid || errno == ECHILD);
}

TEST_F(ChildTest, ManyAtOnce) {
  std::vector<std::unique_ptr<Child>> children;
  int done = 0;
  for (int i = 0; i < 100; ++i)
    children.push_back(std::make_unique<Child>(loop_, clock_, shell("exit 0"), nullptr,
                                               [&](const ChildEnd& end) {
                                                 done += end.succeeded();
                                               }));
  loop_.run();
  EXPECT_EQ(done, 100);
}

}  // namespace
}  // namespace sheepdog
