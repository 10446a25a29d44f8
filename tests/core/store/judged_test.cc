// judged_test.cc -- which changes are left to judgement.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <tuple>

#include "fixture.hh"

namespace sheepdog {
namespace {

class Judged : public StoreTest {
 protected:
  void judge_all() { ASSERT_TRUE(writer_->transact({{"UPDATE state SET judged = 1", {}}})); }
  std::size_t observe(unsigned n, Micros time, Status status, bool imported = false) {
    auto r = report(n, time);
    r.imported = imported;
    return commit({received(r, {is(status)})}).unjudged;
  }
  std::string states() {
    return rows("SELECT since, status, judged FROM state ORDER BY since");
  }
};

TEST_F(Judged, ALateReportOfTheSameRunChangesNothing) {
  observe(1, 10, Status::ok);
  observe(2, 30, Status::critical);
  judge_all();
  EXPECT_EQ(observe(3, 20, Status::ok), 0u);
  EXPECT_EQ(observe(4, 40, Status::critical), 0u);
  EXPECT_EQ(observe(5, 35, Status::critical), 0u);
  EXPECT_EQ(states(), "10 0 1|30 2 1");
}

TEST_F(Judged, ARunThatBeganEarlierIsStillJudged) {
  observe(1, 10, Status::ok);
  observe(2, 30, Status::critical);
  judge_all();
  EXPECT_EQ(observe(3, 20, Status::critical), 0u);
  EXPECT_EQ(states(), "10 0 1|20 2 1");
  observe(4, 50, Status::ok);
  EXPECT_EQ(observe(5, 45, Status::ok), 1u) << "moved, and still to be judged";
  EXPECT_EQ(states(), "10 0 1|20 2 1|45 0 0");
}

TEST_F(Judged, WhatIsBeforeTheNewestJudgedChangeIsHistory) {
  observe(1, 10, Status::ok);
  observe(2, 30, Status::critical);
  judge_all();
  EXPECT_EQ(observe(3, 20, Status::warning), 0u);
  EXPECT_EQ(states(), "10 0 1|20 1 1|30 2 1");
  EXPECT_EQ(observe(4, 5, Status::critical), 0u);
  EXPECT_EQ(states(), "5 2 1|10 0 1|20 1 1|30 2 1");
}

TEST_F(Judged, AFailureThatIsReportedLateIsTold) {
  observe(1, 10, Status::ok);
  judge_all();
  observe(2, 30, Status::ok);
  EXPECT_EQ(observe(3, 20, Status::critical), 1u);
  EXPECT_EQ(states(), "10 0 1|20 2 0|30 0 0");
}

TEST_F(Judged, ATieThatTakesAToldFailureBackIsJudgedAgain) {
  observe(1, 10, Status::ok);
  observe(2, 20, Status::critical);
  judge_all();
  EXPECT_EQ(observe(3, 20, Status::ok), 1u);
  EXPECT_EQ(states(), "10 0 0");
}

TEST_F(Judged, TheSmallerUuidOfATieDoesNotCount) {
  observe(2, 20, Status::critical);
  EXPECT_EQ(observe(1, 20, Status::ok), 0u);
  EXPECT_EQ(states(), "20 2 0");
  EXPECT_EQ(observe(3, 20, Status::ok), 1u);
  EXPECT_EQ(states(), "20 0 0");
}

TEST_F(Judged, ImportedHistoryIsNeverJudged) {
  observe(1, 10, Status::ok);
  EXPECT_EQ(observe(2, 5, Status::critical, true), 0u);
  EXPECT_EQ(states(), "5 2 1|10 0 0");
  judge_all();
  observe(3, 30, Status::ok);
  EXPECT_EQ(observe(4, 20, Status::critical, true), 1u) << "the recovery is live";
  EXPECT_EQ(states(), "5 2 1|10 0 1|20 2 1|30 0 0");
}

TEST_F(Judged, TheFirstLiveObservationOfAnImportedRunIsJudged) {
  observe(1, 10, Status::critical, true);
  EXPECT_EQ(observe(2, 15, Status::critical, true), 0u);
  EXPECT_EQ(observe(3, 20, Status::critical), 1u);
  EXPECT_EQ(states(), "10 2 0");
  judge_all();
  EXPECT_EQ(observe(4, 30, Status::critical), 0u);
  open();
  EXPECT_EQ(observe(5, 40, Status::critical), 0u) << "a new writer knows it too";
  EXPECT_EQ(states(), "10 2 1");
}

TEST_F(Judged, AnImportedEndIsJudgedOnceItIsLive) {
  observe(1, 10, Status::critical);
  judge_all();
  observe(2, 20, Status::ok, true);
  EXPECT_EQ(states(), "10 2 1|20 0 1");
  EXPECT_EQ(observe(3, 30, Status::ok), 1u);
  EXPECT_EQ(states(), "10 2 1|20 0 0");
}

TEST_F(Judged, ALiveObservationThatComesLateIntoAnImportedRunIsJudged) {
  observe(1, 10, Status::critical, true);
  observe(2, 30, Status::critical, true);
  EXPECT_EQ(observe(3, 20, Status::critical), 1u);
  EXPECT_EQ(states(), "10 2 0");
  judge_all();
  EXPECT_EQ(observe(4, 25, Status::critical), 0u);
  EXPECT_EQ(observe(5, 5, Status::critical), 0u) << "it only began earlier";
  EXPECT_EQ(states(), "5 2 1");
}

TEST_F(Judged, ALiveObservationBeforeAnImportedRunIsJudged) {
  observe(1, 30, Status::critical, true);
  EXPECT_EQ(observe(2, 20, Status::critical), 1u);
  EXPECT_EQ(states(), "20 2 0");
}

TEST_F(Judged, OfATieTheLiveOneIsJudgedThoughAnImportedOneCounts) {
  observe(2, 10, Status::critical, true);
  EXPECT_EQ(observe(1, 10, Status::critical), 1u);
  EXPECT_EQ(states(), "10 2 0");
}

TEST_F(Judged, AnImportedRunThatIsOverStaysHistory) {
  observe(1, 10, Status::critical, true);
  observe(2, 30, Status::ok);
  judge_all();
  EXPECT_EQ(observe(3, 20, Status::critical), 0u);
  EXPECT_EQ(states(), "10 2 1|30 0 1");
}

TEST_F(Judged, TroubleThatIsLiveAtItsEndIsJudgedInAnyOrder) {
  std::vector<std::tuple<unsigned, Micros, Status, bool>> all{{1, 10, Status::ok, true},
                                                              {2, 20, Status::critical, true},
                                                              {3, 30, Status::critical, false},
                                                              {4, 40, Status::critical, true}};
  do {
    path_ = ":memory:";
    open();
    for (const auto& [n, time, status, imported] : all) observe(n, time, status, imported);
    EXPECT_EQ(rows("SELECT since, status, judged FROM state WHERE until IS NULL"), "20 2 0");
  } while (std::next_permutation(all.begin(), all.end()));
}

TEST_F(Judged, AClockThatGoesBackStillTellsTheFailure) {
  observe(1, 1000 * second, Status::ok);
  judge_all();
  // The host's clock is set back by a minute; its next reports are late ones.
  EXPECT_EQ(observe(2, 940 * second, Status::critical), 0u) << "before what is judged";
  EXPECT_EQ(observe(3, 1001 * second, Status::critical), 1u) << "caught up";
}

}  // namespace
}  // namespace sheepdog
