// loop_test.cc -- handles are owned, callbacks come in order, nothing is left open.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/loop.hh"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <vector>

#include "loop/poll.hh"
#include "loop/signal.hh"
#include "loop/timer.hh"
#include "loop/worker.hh"

namespace sheepdog {
namespace {

TEST(Loop, EndsWhenNothingIsLeft) {
  Loop loop;
  int fired = 0;
  {
    Timer timer(loop);
    timer.once(1000, [&] { ++fired; });
    loop.run();
  }
  EXPECT_EQ(fired, 1);
  EXPECT_EQ(loop.open_handles(), 0);
}

TEST(Loop, ATimerMayDestroyItself) {
  Loop loop;
  std::optional<Timer> timer(loop);
  timer->once(0, [&] { timer.reset(); });
  loop.run();
  EXPECT_FALSE(timer);
}

TEST(Loop, PostedWorkRunsInOrderAndMayPostMore) {
  Loop loop;
  std::vector<int> order;
  loop.post([&] {
    order.push_back(1);
    loop.post([&] { order.push_back(3); });
  });
  loop.post([&] { order.push_back(2); });
  loop.run();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(Loop, ALeftHandleAborts) {
  EXPECT_DEATH(
      {
        Timer* leaked = nullptr;
        {
          Loop loop;
          leaked = new Timer(loop);
        }
        delete leaked;
      },
      "left open");
}

TEST(Poll, SeesWhatComes) {
  Loop loop;
  int fds[2];
  ASSERT_EQ(pipe(fds), 0);
  {
    auto poll = Poll::open(loop, fds[0]);
    ASSERT_TRUE(poll);
    char got = 0;
    poll->start(Poll::readable, [&](int) {
      ASSERT_EQ(read(fds[0], &got, 1), 1);
      poll->stop();
    });
    ASSERT_EQ(write(fds[1], "x", 1), 1);
    loop.run();
    EXPECT_EQ(got, 'x');
  }
  close(fds[0]);
  close(fds[1]);
}

TEST(Signal, ArrivesOnTheLoop) {
  Loop loop;
  int got = 0;
  Timer deadline(loop);
  deadline.once(5 * micros_per_second, [&] { loop.stop(); });
  Signal signal(loop, SIGUSR2, [&](int n) {
    got = n;
    loop.stop();
  });
  loop.post([] { raise(SIGUSR2); });
  loop.run();
  EXPECT_EQ(got, SIGUSR2);
}

TEST(Worker, AnswersInOrderOnTheLoopThread) {
  Loop loop;
  std::vector<int> order;
  const auto self = std::this_thread::get_id();
  Worker worker(loop);
  for (int i = 0; i < 100; ++i)
    worker.submit([&, i] {
      EXPECT_NE(std::this_thread::get_id(), self);
      return [&, i] {
        EXPECT_EQ(std::this_thread::get_id(), self);
        order.push_back(i);
        if (i == 99) loop.stop();
      };
    });
  EXPECT_EQ(worker.pending(), 100u);
  loop.run();
  ASSERT_EQ(order.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
  EXPECT_EQ(worker.pending(), 0u);
}

}  // namespace
}  // namespace sheepdog
