// loop_test.cc -- handles are owned, callbacks come in order, nothing is left open.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/loop.hh"

#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <vector>

#include "loop/detached.hh"
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
  const auto worker = *Worker::start(loop);
  for (int i = 0; i < 100; ++i)
    worker->submit([&, i] {
      EXPECT_NE(std::this_thread::get_id(), self);
      return [&, i] {
        EXPECT_EQ(std::this_thread::get_id(), self);
        order.push_back(i);
        if (i == 99) loop.stop();
      };
    });
  loop.run();
  ASSERT_EQ(order.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

/// While one lives, no thread can be started.
class NoRoomForThreads {
 public:
  NoRoomForThreads() {
    pthread_getattr_default_np(&before_);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, std::size_t{1} << 47);  // more than there is
    pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
  }
  ~NoRoomForThreads() {
    pthread_setattr_default_np(&before_);
    pthread_attr_destroy(&before_);
  }
  NoRoomForThreads(const NoRoomForThreads&) = delete;
  NoRoomForThreads& operator=(const NoRoomForThreads&) = delete;

 private:
  pthread_attr_t before_{};
};

TEST(Worker, WithoutRoomForAThreadIsAnError) {
  Loop loop;
  {
    const NoRoomForThreads full;
    const auto worker = Worker::start(loop);
    ASSERT_FALSE(worker);
    EXPECT_EQ(worker.error().code, ErrorCode::busy);
    const auto call = Detached::start(loop, [] { return [] {}; });
    ASSERT_FALSE(call);
    EXPECT_EQ(call.error().code, ErrorCode::busy);
  }
  EXPECT_TRUE(Worker::start(loop));
}

}  // namespace
}  // namespace sheepdog
