// steady_time_test.cc -- a clock that is set back makes no news look old.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/steady_time.hh"

#include "fixture.hh"

namespace sheepdog {
namespace {

constexpr Micros hour = 3600 * second;
constexpr Micros noon = 1'000'000 * second;

class SteadyTimeTest : public StoreTest {
 protected:
  /// STATUS of backup, at TIME by the reporter's clock and ARRIVAL by ours.
  void told(std::uint64_t n, Micros time, Status status, Micros arrival) {
    commit({received(report(n, time), {is(status)})}, arrival);
  }
  std::string now() {
    return rows("SELECT status, since FROM state WHERE until IS NULL");
  }
};

TEST_F(SteadyTimeTest, AFailureCountsThoughTheClockWasSetBack) {
  told(1, noon, Status::ok, noon);
  told(2, noon - 24 * hour, Status::critical, noon - 24 * hour);
  EXPECT_EQ(now(), "2 " + std::to_string(noon + 1));
  EXPECT_EQ(rows("SELECT count(*) FROM state WHERE judged = 0"), "2");
  told(3, noon - 24 * hour + second, Status::ok, noon - 24 * hour + second);
  EXPECT_EQ(now(), "0 " + std::to_string(noon + 2));
  // Once the clock has caught up it is believed again.
  told(4, noon + second, Status::warning, noon + second);
  EXPECT_EQ(now(), "1 " + std::to_string(noon + second));
}

TEST_F(SteadyTimeTest, ARestartForgetsNothing) {
  told(1, noon, Status::ok, noon);
  open();
  told(2, noon - hour, Status::critical, noon - hour);
  EXPECT_EQ(now(), "2 " + std::to_string(noon + 1));
}

TEST_F(SteadyTimeTest, FactsFollow) {
  commit({received(report(1, noon), {fact("kernel", "6.1")})}, noon);
  commit({received(report(2, noon - hour), {fact("kernel", "6.2")})}, noon - hour);
  EXPECT_EQ(rows("SELECT value FROM fact WHERE until IS NULL"), "6.2");
}

TEST_F(SteadyTimeTest, WhatIsLateOrImportedKeepsItsPlace) {
  told(1, noon, Status::ok, noon);
  // Late, though the clock is right.
  told(2, noon - hour, Status::critical, noon + second);
  EXPECT_EQ(now(), "0 " + std::to_string(noon));
  // Late by a clock that was set back.
  told(3, noon - 3 * hour, Status::critical, noon - 2 * hour);
  auto imported = report(4, noon - 2 * hour);
  imported.imported = true;
  commit({received(imported, {is(Status::critical)})}, noon - 2 * hour);
  EXPECT_EQ(now(), "0 " + std::to_string(noon));
}

TEST_F(SteadyTimeTest, AStepOfAClockThatIsKeptInTimeChangesNothing) {
  told(1, noon, Status::ok, noon);
  told(2, noon - second / 2, Status::critical, noon - second / 2);
  EXPECT_EQ(now(), "0 " + std::to_string(noon));
}

}  // namespace
}  // namespace sheepdog
