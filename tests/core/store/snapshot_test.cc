// snapshot_test.cc -- a reader that is not read from lets go of its moment of the store.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <thread>

#include "fixture.hh"
#include "manual_clock.hh"
#include "sqlite/checkpoint.hh"
#include "store/kept_rows.hh"
#include "store/reader.hh"

namespace sheepdog {
namespace {

using std::chrono::milliseconds;

const SnapshotLimits soon{.age = milliseconds(20)};

const char* const hundred_thousand =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) "
    "SELECT i, 'row ' || i, (SELECT count(*) FROM report) FROM n";

class SnapshotTest : public StoreTest {
 protected:
  SnapshotTest() { add(1); }

  void add(unsigned n) { commit({received(report(n, n * second), {is(Status::ok)})}); }

  /// A writer commits and empties the WAL, which it can as soon as nobody holds a snapshot.
  bool can_empty_wal() {
    add(++reports_);
    auto checkpointer = *Checkpointer::open(path_, 0);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
      if (checkpointer.step()->emptied) return true;
      std::this_thread::sleep_for(milliseconds(2));
    }
    return false;
  }

  static std::int64_t sum(Cursor& cursor, int column, std::size_t limit = SIZE_MAX) {
    std::int64_t total = 0;
    std::size_t rows = 0;
    for (Result<bool> more = true; more && *more && rows < limit;)
      more = cursor.read(limit - rows, [&](RowView row) {
        total += row[static_cast<std::size_t>(column)].integer;
        ++rows;
      });
    return total;
  }

  unsigned reports_ = 1;
};

TEST_F(SnapshotTest, GoesWhileASearchIsPausedAndNoRowIsLost) {
  auto reader = *Reader::open(path_, soon);
  auto cursor = *reader->select(hundred_thousand);
  auto other = *reader->select(hundred_thousand);
  std::int64_t total = sum(cursor, 0, 10) + sum(other, 0, 99'999);
  EXPECT_TRUE(can_empty_wal());
  total += sum(cursor, 0) + sum(other, 0);
  EXPECT_EQ(total, 2 * 5'000'050'000);
}

TEST_F(SnapshotTest, OfHeldOnesGoesAndWhatFollowsSeesAnother) {
  auto reader = *Reader::open(path_, soon);
  ASSERT_TRUE(reader->hold());
  auto old = *reader->select(hundred_thousand);
  sum(old, 0, 1);
  EXPECT_TRUE(can_empty_wal());
  EXPECT_EQ(sum(old, 2), 99'999) << "what began before is of one moment";
  auto count = *reader->select("SELECT count(*) FROM report");
  EXPECT_EQ(sum(count, 0), 2);
  EXPECT_TRUE(can_empty_wal()) << "again";
  reader->release();
}

TEST_F(SnapshotTest, IsHeldUntilThen) {
  auto reader = *Reader::open(path_);
  ASSERT_TRUE(reader->hold());
  add(++reports_);
  auto checkpointer = *Checkpointer::open(path_, 0);
  EXPECT_FALSE(checkpointer.step()->emptied);
  reader->set_limits(soon);
  EXPECT_TRUE(can_empty_wal());
}

TEST_F(SnapshotTest, OfMoreRowsThanMayBeKeptEndsTheirCursor) {
  auto reader = *Reader::open(path_, {.age = milliseconds(20), .memory = 200'000});
  auto large = *reader->select(hundred_thousand);
  auto small = *reader->select("SELECT name FROM meta");
  auto inner = *reader->select("VALUES(1), (2), (3)");
  sum(large, 0, 1);
  sum(inner, 0, 1);
  EXPECT_TRUE(can_empty_wal());
  EXPECT_EQ(sum(inner, 0), 5) << "others are kept";
  const auto more = large.read(1, [](RowView) { FAIL() << "no row after some are lost"; });
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::full);
  EXPECT_NE(more.error().message.find("ask for less"), std::string::npos);
  EXPECT_FALSE(large.read(1, [](RowView) {}));
  EXPECT_TRUE(small.read(1, [](RowView) {})) << "what had not begun begins later";
}

TEST_F(SnapshotTest, OfRowsThatComeTooSlowlyEndsTheirCursor) {
  auto reader = *Reader::open(path_, {.age = milliseconds(20), .keeping = milliseconds(20)});
  auto slow = *reader->select(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
      "SELECT i, (SELECT count(*) FROM report) FROM n WHERE i = 1 OR i > 1000000000000");
  sum(slow, 0, 1);
  EXPECT_TRUE(can_empty_wal());
  EXPECT_EQ(slow.read(1, [](RowView) {}).error().code, ErrorCode::full);
}

TEST_F(SnapshotTest, GoesWithTheDeadlineOfTheQuestion) {
  auto reader = *Reader::open(path_, soon);
  testing::ManualClock clock(0);
  auto cursor = *reader->select(hundred_thousand);
  reader->set_deadline(clock, second);
  sum(cursor, 0, 1);
  clock.advance(second);
  EXPECT_TRUE(can_empty_wal());
  for (;;) {
    const auto more = cursor.read(1000, [](RowView) {});
    if (more && *more) continue;
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code, ErrorCode::timeout);
    break;
  }
}

TEST_F(SnapshotTest, GoesUnderAReaderThatNeverPauses) {
  auto reader = *Reader::open(path_, {.age = milliseconds(5)});
  auto cursor = *reader->select(hundred_thousand);
  std::int64_t total = 0;
  for (int i = 0; i < 100'000; ++i) {
    total += sum(cursor, 0, 1);
    if (i == 50'000) {
      EXPECT_TRUE(can_empty_wal());
    }
  }
  EXPECT_EQ(total, 5'000'050'000);
}

TEST(KeptRows, GiveBackWhatTheyWereGiven) {
  const std::string longest(200'000, 'x');
  KeptRows rows;
  const auto row_of = [&](std::int64_t n) {
    std::vector<ValueView> row(5);
    row[0].type = ValueView::Type::integer;
    row[0].integer = n;
    row[1].type = ValueView::Type::real;
    row[1].real = static_cast<double>(n) / 3;
    row[2].type = ValueView::Type::text;
    row[2].bytes = std::string_view(longest).substr(0, static_cast<std::size_t>(n * n));
    row[3].type = ValueView::Type::blob;
    row[3].bytes = std::string_view("\0\1", 2);
    return row;
  };
  std::vector<ValueView> found(5);
  EXPECT_FALSE(rows.pop(found));
  std::int64_t given = 0;
  std::int64_t taken = 0;
  const auto take = [&] {
    const auto expected = row_of(taken++);
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_EQ(found[i].value(), expected[i].value());
  };
  // More come than go, then only go.
  while (given < 400) {
    for (int i = 0; i < 3; ++i) rows.push(row_of(given++));
    ASSERT_TRUE(rows.pop(found));
    take();
  }
  EXPECT_GT(rows.bytes(), 10'000'000u);
  while (rows.pop(found)) take();
  EXPECT_EQ(taken, given);
  EXPECT_EQ(rows.bytes(), 0u);

  for (int i = 0; i < 3; ++i) rows.push(row_of(i));
  ASSERT_TRUE(rows.pop(found));
  rows.clear();
  EXPECT_FALSE(rows.pop(found));
  EXPECT_EQ(rows.bytes(), 0u);
  taken = 7;
  rows.push(row_of(7));
  ASSERT_TRUE(rows.pop(found));
  take();
}

}  // namespace
}  // namespace sheepdog
