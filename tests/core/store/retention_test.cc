// retention_test.cc -- what goes, what stays, and that the meaning stays the same.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/retention.hh"

#include "fixture.hh"

namespace sheepdog {
namespace {

constexpr Micros start = 1'000 * micros_per_day;

class RetentionTest : public StoreTest {
 protected:
  /// Steps of at most ROWS until there is nothing to do; how many it took.
  int retain(Micros now, std::int64_t rows = 500, RetentionSettings settings = {}) {
    Retention retention(writer_->db(), settings);
    int steps = 0;
    for (;;) {
      auto more = retention.step(now, rows);
      EXPECT_TRUE(more) << more.error().text();
      ++steps;
      if (!more || !*more) return steps;
    }
  }
  void say(unsigned n, std::vector<Assertion> assertions, std::string service = "backup") {
    auto r = report(n, start + n * second, std::move(service));
    r.data = to_json_text(Json{{"n", n}});
    commit({received(r, std::move(assertions))}, start + n * second);
  }
  std::string intervals() {
    return rows("SELECT service_id, since, until, status, report_id FROM state ORDER BY 1, 2") +
           "; " +
           rows("SELECT service_id, since, until, report_id FROM interruption") + "; " +
           rows("SELECT key_id, since, until, value, report_id FROM fact ORDER BY 1, 2");
  }
  static Assertion set(std::vector<std::pair<std::string, FactValue>> facts) {
    return assertion::Facts{{}, "package.", std::move(facts)};
  }
};

TEST_F(RetentionTest, KeepsTheFirstAndTheLastOfEachRun) {
  unsigned n = 0;
  for (int i = 0; i < 5; ++i) say(++n, {is(Status::ok)});        // 1 to 5
  for (int i = 0; i < 3; ++i) say(++n, {is(Status::critical)});  // 6 to 8
  say(++n, {is(Status::ok)});                                    // 9
  for (int i = 0; i < 4; ++i) say(++n, {});                      // 10 to 13
  const auto before = intervals();
  EXPECT_EQ(retain(start + 80 * micros_per_day), 2);
  EXPECT_EQ(rows("SELECT count(*) FROM observation"), "13");
  retain(start + 91 * micros_per_day);
  EXPECT_EQ(rows("SELECT report_id FROM observation ORDER BY 1"), "1|5|6|8|9");
  EXPECT_EQ(rows("SELECT report_id, summary, data FROM report ORDER BY 1"),
            "1 number 1 -|5 number 5 -|6 number 6 -|8 number 8 -|9 number 9 -");
  EXPECT_EQ(intervals(), before);
  open();  // the numbers of reports that are gone are not used again
  say(20, {is(Status::ok)});
  retain(start + 182 * micros_per_day);
  EXPECT_EQ(rows("SELECT report_id FROM observation ORDER BY 1"), "1|5|6|8|9|14");
}

TEST_F(RetentionTest, ALateReportStillFindsItsPlace) {
  for (unsigned n = 1; n <= 9; ++n) say(2 * n, {is(n < 5 ? Status::ok : Status::critical)});
  retain(start + 91 * micros_per_day);
  commit({received(report(7, start + 7 * second), {is(Status::warning)})},
         start + 91 * micros_per_day);
  EXPECT_EQ(rows("SELECT (since - " + std::to_string(start) +
                 ") / 1000000, status FROM state ORDER BY 1"),
            "2 0|7 1|8 0|10 2");
  EXPECT_EQ(rows("SELECT (since - " + std::to_string(start) + ") / 1000000, (until - " +
                 std::to_string(start) + ") / 1000000 FROM interruption"),
            "7 8|10 -");
}

TEST_F(RetentionTest, FactsKeepWhereTheyComeFrom) {
  say(1, {fact("os", "12"), set({{"package.a", "1"}, {"package.b", "1"}})});
  say(2, {fact("os", "12"), set({{"package.a", "1"}, {"package.b", "1"}})});
  say(3, {fact("os", "12"), set({{"package.a", "2"}})});
  say(4, {fact("os", "12"), set({{"package.a", "2"}})});
  say(5, {fact("os", "13")});
  say(6, {fact("os", std::int64_t{13})});
  say(7, {fact("os", 13.0)});
  say(8, {fact("os", std::int64_t{13})});
  const auto before = intervals();
  retain(start + 91 * micros_per_day);
  EXPECT_EQ(intervals(), before);
  EXPECT_EQ(rows("SELECT k.name, report_id FROM fact_observation JOIN key k USING(key_id) "
                 "ORDER BY 1, 2"),
            "os 1|os 4|os 5|os 6|os 7|os 8|package.a 1|package.a 3|package.b 1|package.b 3");
  EXPECT_EQ(rows("SELECT report_id FROM fact_set"), "4");
  EXPECT_EQ(rows("SELECT report_id FROM report"), "1|3|4|5|6|7|8");
}

TEST_F(RetentionTest, CountsFromArrival) {
  for (unsigned n = 1; n <= 5; ++n) {
    auto r = report(n, n * second);  // long ago, told today
    r.imported = n > 2;
    commit({received(r, {is(Status::ok), assertion::Sample{{}, "load", 1}})}, start);
  }
  retain(start + 29 * micros_per_day);
  EXPECT_EQ(rows("SELECT count(*) FROM observation"), "5");
  EXPECT_EQ(rows("SELECT count(*) FROM sample"), "5");
  retain(start + 31 * micros_per_day);
  EXPECT_EQ(rows("SELECT count(*) FROM sample"), "0");
  EXPECT_EQ(rows("SELECT count(*) FROM observation"), "5");
  retain(start + 91 * micros_per_day);
  EXPECT_EQ(rows("SELECT report_id FROM observation"), "1|5");
  EXPECT_EQ(rows("SELECT report_id FROM report"), "1|3|4|5") << "ids of imports stay";
}

TEST_F(RetentionTest, ReportsOfFailedRunsStayWhole) {
  for (unsigned n = 1; n <= 4; ++n) {
    assertion::Run run;
    run.run = numbered(100 + n);
    run.phase = assertion::RunPhase::end;
    run.outcome = n == 2 ? assertion::Outcome::failed : assertion::Outcome::succeeded;
    say(n, {is(Status::ok), run});
  }
  retain(start + 91 * micros_per_day);
  EXPECT_EQ(rows("SELECT report_id, data FROM report"), "1 -|2 {\"n\":2}|4 -");
  EXPECT_EQ(rows("SELECT count(*) FROM run"), "4");
}

TEST_F(RetentionTest, WhatIsToldOfOthersIsThinnedToo) {
  for (unsigned n = 1; n <= 4; ++n)
    say(n, {assertion::Status{"hen", "web", Status::ok, ""}});
  retain(start + 91 * micros_per_day);
  EXPECT_EQ(rows("SELECT report_id, status FROM observation"), "1 0|4 0");
  EXPECT_EQ(rows("SELECT report_id FROM report"), "1|4");
}

TEST_F(RetentionTest, AnInstantWithSeveralIsLeftAlone) {
  say(1, {is(Status::ok)});
  commit({received(report(10, start + 2 * second), {is(Status::critical)}),
          received(report(11, start + 2 * second), {is(Status::ok)})},
         start);
  say(3, {is(Status::ok)});
  retain(start + 91 * micros_per_day);
  EXPECT_EQ(rows("SELECT count(*) FROM observation"), "4");
}

TEST_F(RetentionTest, SamplesBecomeHours) {
  const auto sample = [&](unsigned n, Micros time, double value, Micros late = 0) {
    commit({received(report(n, time), {assertion::Sample{{}, "load", value},
                                       assertion::Sample{{}, "disk", 1}})},
           time + late);
  };
  for (unsigned n = 0; n < 10; ++n) sample(n + 1, start + n * 900 * second, n);
  EXPECT_GT(retain(start + 31 * micros_per_day, 4), 5) << "in small steps";
  EXPECT_EQ(rows("SELECT count(*) FROM sample"), "0");
  const std::string hours = "SELECT (hour - " + std::to_string(start) +
                            ") / 3600000000, n, min, max, sum FROM sample_hour "
                            "JOIN key USING(key_id) WHERE name = 'load'";
  EXPECT_EQ(rows(hours), "0 4 0.0 3.0 6.0|1 4 4.0 7.0 22.0|2 2 8.0 9.0 17.0");
  sample(20, start + 100, 10, 31 * micros_per_day);  // late; it stays for its own thirty days
  retain(start + 90 * micros_per_day);
  EXPECT_EQ(rows(hours), "0 5 0.0 10.0 16.0|1 4 4.0 7.0 22.0|2 2 8.0 9.0 17.0");
}

TEST_F(RetentionTest, AClockThatWasWrongForAMomentStopsNothing) {
  for (unsigned n = 1; n <= 9; ++n)
    commit({received(report(n, start + n), {is(Status::ok)})},
           n == 3 ? start + 10'000 * micros_per_day : start + n);
  retain(start + 91 * micros_per_day, 1);
  EXPECT_EQ(rows("SELECT report_id FROM observation"), "1|3|9");
}

TEST_F(RetentionTest, ARestartGoesOnWhereItWas) {
  for (unsigned n = 1; n <= 9; ++n) say(n, {is(Status::ok)});
  {
    Retention retention(writer_->db(), {});
    ASSERT_TRUE(*retention.step(start + 91 * micros_per_day, 4));
    EXPECT_EQ(rows("SELECT report_id FROM report"), "1|5|6|7|8|9");
  }
  open();
  retain(start + 91 * micros_per_day, 4);
  EXPECT_EQ(rows("SELECT report_id FROM report"), "1|9");
}

}  // namespace
}  // namespace sheepdog
