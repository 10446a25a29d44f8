// detached_test.cc -- a blocking call answers on the loop, or is left behind.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/detached.hh"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <thread>

#include "loop/timer.hh"

namespace sheepdog {
namespace {

TEST(Detached, WorksElsewhereAndAnswersOnTheLoop) {
  Loop loop;
  std::thread::id worked;
  std::thread::id answered;
  std::unique_ptr<Detached> call;
  call = *Detached::start(loop, [&] {
    worked = std::this_thread::get_id();
    return [&] {
      answered = std::this_thread::get_id();
      call.reset();
    };
  });
  loop.run();
  EXPECT_EQ(answered, std::this_thread::get_id());
  EXPECT_NE(worked, answered);
  EXPECT_EQ(loop.open_handles(), 0);
}

TEST(Detached, IsLeftBehindWhileItHangs) {
  // All that the thread touches outlives the loop, as a hanging system call does.
  struct Hang {
    std::promise<void> release;
    std::promise<void> over;
    bool answered = false;
  };
  const auto hang = std::make_shared<Hang>();
  {
    Loop loop;
    Timer timer(loop);
    std::unique_ptr<Detached> call;
    call = *Detached::start(loop, [hang] {
      hang->release.get_future().wait();
      // Told when the answer is thrown away, so that the test ends after the thread.
      const std::shared_ptr<void> thrown_away(nullptr, [hang](void*) { hang->over.set_value(); });
      return [hang, thrown_away] { hang->answered = true; };
    });
    timer.once(1000, [&] { call.reset(); });
    loop.run();
  }
  hang->release.set_value();
  ASSERT_EQ(hang->over.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
  EXPECT_FALSE(hang->answered);
}

TEST(Detached, DropsAnAnswerThatNobodyWaitsFor) {
  Loop loop;
  bool answered = false;
  auto dropped = *Detached::start(loop, [&answered] {
    return [&answered] { answered = true; };
  });
  dropped.reset();
  std::unique_ptr<Detached> other;
  other = *Detached::start(loop, [&] { return [&] { other.reset(); }; });
  loop.run();
  EXPECT_FALSE(answered);
}

}  // namespace
}  // namespace sheepdog
