// reader_test.cc -- questions beside a writer; checkpoints.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/reader.hh"

#include <sys/wait.h>
#include <unistd.h>

#include "fixture.hh"
#include "sqlite/checkpoint.hh"
#include "store/schema.hh"
#include "manual_clock.hh"

namespace sheepdog {
namespace {

using Rows = std::vector<std::vector<Value>>;

class ReaderTest : public StoreTest {
 protected:
  void add(unsigned n) { commit({received(report(n, n * second), {is(Status::ok)})}); }

  /// The next rows of CURSOR; all that are left, where LIMIT is not given. A failure is FAULT.
  Rows next(Cursor& cursor, std::size_t limit = SIZE_MAX) {
    Rows rows;
    const auto add_row = [&](RowView row) {
      auto& values = rows.emplace_back();
      for (const auto& value : row) values.push_back(value.value());
    };
    fault_ = ErrorCode::internal;
    while (rows.size() < limit) {
      const auto more = cursor.read(limit - rows.size(), add_row);
      if (!more) fault_ = more.error().code;
      if (!more || !*more) break;
    }
    return rows;
  }

  std::int64_t number(Reader& reader, const char* sql) {
    auto cursor = reader.select(sql);
    EXPECT_TRUE(cursor);
    return std::get<std::int64_t>(next(*cursor).at(0).at(0));
  }
  std::int64_t count(Reader& reader) { return number(reader, "SELECT count(*) FROM report"); }

  ErrorCode fault_ = ErrorCode::internal;  ///< that ended next(); internal: none
};

TEST_F(ReaderTest, GivesRowsWithBoundParameters) {
  for (unsigned n = 1; n <= 5; ++n) add(n);
  auto reader = *Reader::open(path_);
  const std::vector<Value> parameters{std::int64_t{3 * second}, std::string("tux")};
  auto cursor = *reader->select(
      "SELECT r.time AS t, h.name FROM report r JOIN service USING(service_id) "
      "JOIN host h USING(host_id) WHERE r.time > ? AND h.name = ? ORDER BY 1",
      parameters);
  EXPECT_EQ(cursor.columns(), 2);
  EXPECT_EQ(next(cursor, 1), (Rows{{4 * second, "tux"}}));
  EXPECT_EQ(next(cursor), (Rows{{5 * second, "tux"}}));
  EXPECT_EQ(next(cursor), Rows{});
  EXPECT_EQ(reader->select("SELECT ?", {}).error().code, ErrorCode::invalid);
}

TEST_F(ReaderTest, SeesOneSnapshotWhileACursorIsAtWork) {
  add(1);
  add(2);
  auto reader = *Reader::open(path_);
  auto cursor = *reader->select("SELECT report_id FROM report");
  EXPECT_EQ(next(cursor, 1).size(), 1u);
  add(3);
  EXPECT_EQ(count(*reader), 2);
  EXPECT_EQ(next(cursor).size(), 1u);
  EXPECT_EQ(count(*reader), 3) << "it is let go after the last row";
}

TEST_F(ReaderTest, SeesOneSnapshotUntilAllWhoHoldItLetGo) {
  add(1);
  auto reader = *Reader::open(path_);
  ASSERT_TRUE(reader->hold());
  ASSERT_TRUE(reader->hold());
  add(2);
  EXPECT_EQ(count(*reader), 1);
  reader->release();
  EXPECT_EQ(count(*reader), 1);
  auto cursor = *reader->select("SELECT report_id FROM report");
  EXPECT_EQ(next(cursor, 1).size(), 1u);
  reader->release();
  EXPECT_EQ(next(cursor).size(), 0u) << "a cursor at work keeps what it sees";
  EXPECT_EQ(count(*reader), 2);
  reader->release();
  EXPECT_EQ(count(*reader), 2);
}

const char* const endless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";

TEST_F(ReaderTest, EndsAtItsDeadline) {
  auto reader = *Reader::open(path_);
  testing::ManualClock clock(0);
  reader->set_deadline(clock, second);
  auto cursor = *reader->select(endless);
  EXPECT_EQ(next(cursor, 1).size(), 1u);
  clock.advance(second);
  next(cursor);
  EXPECT_EQ(fault_, ErrorCode::timeout);
  EXPECT_EQ(next(cursor).size(), 0u);
  EXPECT_EQ(fault_, ErrorCode::timeout) << "every time";
  reader->clear_deadline();
  EXPECT_EQ(count(*reader), 0);
}

TEST_F(ReaderTest, GivesTheRowsThatCameBeforeAnError) {
  auto reader = *Reader::open(path_);
  auto failing = *reader->select(
      "SELECT json(column1) FROM (VALUES('[1]'), ('[2]'), ('[3'), ('[4]'))");
  EXPECT_EQ(next(failing), (Rows{{"[1]"}, {"[2]"}}));
  EXPECT_EQ(fault_, ErrorCode::invalid);
}

TEST_F(ReaderTest, CannotWrite) {
  add(1);
  auto reader = *Reader::open(path_);
  for (const char* sql :
       {"DELETE FROM meta", "INSERT INTO host(name) VALUES('x')", "CREATE TEMP TABLE t(x)",
        "DROP TABLE report", "PRAGMA user_version = 7", "VACUUM"}) {
    auto cursor = reader->select(sql);
    if (!cursor) continue;
    EXPECT_EQ(next(*cursor).size(), 0u) << sql;
    EXPECT_NE(fault_, ErrorCode::internal) << sql;
  }
  // Nor does what loosens that give a way.
  for (const char* sql : {"PRAGMA query_only = OFF", "PRAGMA writable_schema = ON"}) {
    auto cursor = *reader->select(sql);
    next(cursor);
  }
  for (const char* sql : {"DELETE FROM meta", "UPDATE sqlite_schema SET sql = ''"}) {
    auto cursor = reader->select(sql);
    if (!cursor) continue;
    next(*cursor);
    EXPECT_EQ(fault_, ErrorCode::denied) << sql;
  }
  EXPECT_EQ(rows("SELECT count(*) FROM report"), "1");
}

TEST_F(ReaderTest, ReachesNoOtherFile) {
  auto reader = *Reader::open(path_);
  const std::string other = directory_ + "/other.db";
  for (const std::string& sql : {"ATTACH '" + path_ + "' AS o", "VACUUM INTO '" + other + "'",
                                 std::string("SELECT load_extension('libc.so.6')")}) {
    auto cursor = reader->select(sql);
    if (!cursor) continue;
    next(*cursor);
    EXPECT_NE(fault_, ErrorCode::internal) << sql;
  }
  EXPECT_FALSE(std::filesystem::exists(other));
}

TEST_F(ReaderTest, RefusesWhatItCannotRead) {
  EXPECT_EQ(Reader::open(directory_ + "/none").error().code, ErrorCode::not_found);
  ASSERT_TRUE(Db::open(directory_ + "/empty"));
  EXPECT_EQ(Reader::open(directory_ + "/empty").error().code, ErrorCode::not_found);
  ASSERT_TRUE(writer_->db().set_user_version(99));
  const auto newer = Reader::open(path_);
  EXPECT_EQ(newer.error().code, ErrorCode::unsupported);
  EXPECT_NE(newer.error().text().find("99"), std::string::npos);
}

TEST_F(ReaderTest, ACheckpointEmptiesTheWalUnlessAReaderHoldsIt) {
  auto checkpointer = *Checkpointer::open(path_, 0);
  add(1);
  auto reader = *Reader::open(path_);
  ASSERT_TRUE(reader->hold());
  add(2);
  EXPECT_FALSE(checkpointer.step()->emptied);
  EXPECT_GT(std::filesystem::file_size(path_ + "-wal"), 0u);
  reader->release();
  EXPECT_TRUE(checkpointer.step()->emptied);
  EXPECT_EQ(std::filesystem::file_size(path_ + "-wal"), 0u);
  add(3);
  EXPECT_EQ(count(*reader), 3);
}

TEST_F(ReaderTest, HasTheFunctionsOfQuestions) {
  auto reader = *Reader::open(path_);
  EXPECT_EQ(number(*reader, "SELECT version_compare('1.10', '1.9')"), 1);
  EXPECT_EQ(number(*reader, "SELECT median(column1) FROM (VALUES(1), (2), (9))"), 2);
}

TEST_F(ReaderTest, ExplainsAStatement) {
  auto reader = *Reader::open(path_);
  const std::vector<Value> parameters{std::string("tux")};
  auto cursor =
      *reader->select("EXPLAIN QUERY PLAN SELECT host_id FROM host WHERE name = ?", parameters);
  const auto steps = next(cursor);
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].at(1), Value(0));
  EXPECT_NE(std::get<std::string>(steps[0].at(3)).find("USING COVERING INDEX"), std::string::npos);
}

TEST_F(ReaderTest, WhatWasCommittedOutlivesAKill) {
  int answers[2];
  ASSERT_EQ(pipe(answers), 0);
  writer_.reset();
  const pid_t child = fork();
  if (child == 0) {
    // Commits batches of ten until it is killed, and tells each number that is committed.
    auto writer = Writer::open(path_, random_);
    for (unsigned n = 1;; n += 10) {
      Batch batch;
      for (unsigned i = 0; i < 10; ++i)
        batch.received.push_back(received(report(n + i, n + i), {is(static_cast<Status>(i % 3))}));
      if (!(*writer)->commit(batch, 1)) _exit(1);
      const unsigned told = n + 9;
      if (write(answers[1], &told, sizeof told) != sizeof told) _exit(2);
    }
  }
  close(answers[1]);
  unsigned told = 0;
  for (int i = 0; i < 20; ++i)
    ASSERT_EQ(read(answers[0], &told, sizeof told), ssize_t{sizeof told});
  ASSERT_EQ(kill(child, SIGKILL), 0);
  waitpid(child, nullptr, 0);
  while (read(answers[0], &told, sizeof told) == ssize_t{sizeof told}) {
  }
  close(answers[0]);
  open();
  const auto stored = std::stoul(rows("SELECT count(*) FROM report"));
  EXPECT_GE(stored, told);
  EXPECT_EQ(stored % 10, 0u) << "whole batches";
  EXPECT_EQ(rows("SELECT count(*) FROM observation"), std::to_string(stored));
  EXPECT_EQ(rows("PRAGMA integrity_check"), "ok");
}

}  // namespace
}  // namespace sheepdog
