// run_test.cc -- runs that are told in pieces.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "fixture.hh"

namespace sheepdog {
namespace {

using assertion::Outcome;
using Piece = assertion::Run;
using assertion::RunPhase;

class RunTest : public StoreTest {
 protected:
  static Piece piece(RunPhase phase) {
    Piece run;
    run.run = numbered(77);
    run.phase = phase;
    return run;
  }
  static Piece start(Micros at) {
    Piece run = piece(RunPhase::start);
    run.started = at;
    run.argv = R"(["borg","create"])";
    run.user = "root";
    run.lease_until = at + 100;
    return run;
  }
  static Piece end(Micros at, Outcome outcome) {
    Piece run = piece(RunPhase::end);
    run.ended = at;
    run.outcome = outcome;
    run.exit = 2;
    run.user_cpu = 7;
    run.output_bytes = 0;
    return run;
  }
};

TEST_F(RunTest, AnyOrderOfItsPiecesMakesTheSameRun) {
  Piece renewal = piece(RunPhase::renew);
  renewal.lease_until = 500;
  std::vector<Received> pieces{received(report(1, 10), {start(10)}),
                               received(report(2, 60), {renewal}),
                               received(report(3, 90), {end(90, Outcome::vanished)}),
                               received(report(4, 80), {end(80, Outcome::failed)}),
                               received(report(5, 95), {end(95, Outcome::unknown)})};
  std::vector<int> order{0, 1, 2, 3, 4};
  do {
    path_ = ":memory:";
    open();
    for (const int i : order) commit({pieces[static_cast<std::size_t>(i)]});
    ASSERT_EQ(rows("SELECT started, ended, lease_until, outcome, exit, user_cpu, argv, user "
                   "FROM run"),
              R"(10 80 500 failed 2 7 ["borg","create"] root)");
    ASSERT_EQ(rows("SELECT hex(r.uuid) FROM run JOIN report r ON report_id = end_report"),
              "00000000000000000000000000000004");
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(RunTest, ARunWithoutEndRuns) {
  commit({received(report(1, 10), {start(10)})});
  EXPECT_EQ(rows("SELECT outcome, ended, start_report, end_report FROM run"), "- - 1 -");
}

TEST_F(RunTest, AnEndAloneIsARun) {
  Piece run = end(90, Outcome::timed_out);
  run.started = 10;
  run.argv = "[\"x\"]";
  commit({received(report(1, 90), {run})});
  EXPECT_EQ(rows("SELECT started, ended, outcome, argv FROM run"), "10 90 timed-out [\"x\"]");
}

TEST_F(RunTest, OutcomesHaveNames) {
  for (const auto outcome : {Outcome::succeeded, Outcome::failed, Outcome::timed_out,
                             Outcome::vanished, Outcome::cancelled, Outcome::unknown})
    EXPECT_EQ(*assertion::parse_outcome(to_string(outcome)), outcome);
  EXPECT_FALSE(assertion::parse_outcome("gone"));
}

}  // namespace
}  // namespace sheepdog
