// statistics_test.cc -- what SQLite is told of how values are spread.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/statistics.hh"

#include "fixture.hh"

namespace sheepdog {
namespace {

class StatisticsTest : public StoreTest {
 protected:
  void add(unsigned first, unsigned last) {
    std::vector<Received> all;
    for (unsigned n = first; n <= last; ++n)
      all.push_back(received(report(n, n * second, "service" + std::to_string(n % 10)),
                             {is(Status::ok), fact("f", std::int64_t{n})}));
    commit(std::move(all));
  }

  int round(double growth) {
    Statistics statistics(writer_->db());
    int steps = 0;
    for (Result<bool> more = true; *more; ++steps) {
      more = statistics.step(growth);
      EXPECT_TRUE(more) << more.error().text();
    }
    return steps;
  }
};

TEST_F(StatisticsTest, AreTakenATableAtATime) {
  EXPECT_EQ(round(1), 1) << "there is nothing to look at";
  add(1, 500);
  EXPECT_EQ(std::to_string(round(1.5)),
            rows("SELECT count(*) FROM sqlite_schema WHERE type = 'table' "
                 "AND name NOT LIKE 'sqlite_%'"));
  EXPECT_EQ(rows("SELECT stat FROM sqlite_stat1 WHERE idx = 'report_by_time'"), "500 1");
  EXPECT_EQ(rows("SELECT stat FROM sqlite_stat1 WHERE idx = 'service_by_name'"), "10 1");
}

TEST_F(StatisticsTest, AreTakenAgainWhereThereIsMore) {
  add(1, 100);
  EXPECT_GT(round(1.5), 1);
  EXPECT_EQ(round(1), 1) << "nothing is new";
  add(101, 140);
  EXPECT_EQ(round(1.5), 1);
  open();
  EXPECT_EQ(round(1.5), 1) << "the store remembers";
  EXPECT_GT(round(1), 1);
  EXPECT_EQ(rows("SELECT stat FROM sqlite_stat1 WHERE idx = 'report_by_time'"), "140 1");
}

}  // namespace
}  // namespace sheepdog
