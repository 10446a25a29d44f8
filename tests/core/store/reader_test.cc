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

class ReaderTest : public StoreTest {
 protected:
  void add(unsigned n) { commit({received(report(n, n * second), {is(Status::ok)})}); }
  static std::int64_t count(Reader& reader) {
    auto cursor = reader.select("SELECT count(*) FROM report");
    EXPECT_TRUE(cursor && *cursor->next());
    return cursor->row().integer(0);
  }
};

TEST_F(ReaderTest, StreamsRowsWithBoundParameters) {
  for (unsigned n = 1; n <= 5; ++n) add(n);
  auto reader = *Reader::open(path_);
  const std::vector<Value> parameters{std::int64_t{3 * second}, std::string("tux")};
  auto cursor = *reader->select(
      "SELECT r.time AS t, h.name FROM report r JOIN service USING(service_id) "
      "JOIN host h USING(host_id) WHERE r.time > ? AND h.name = ? ORDER BY 1",
      parameters);
  EXPECT_EQ(cursor.columns(), 2);
  ASSERT_TRUE(*cursor.next());
  EXPECT_EQ(cursor.value(0), Value(4 * second));
  EXPECT_EQ(cursor.value(1), Value("tux"));
  ASSERT_TRUE(*cursor.next());
  EXPECT_FALSE(*cursor.next());
  EXPECT_EQ(reader->select("SELECT ?", {}).error().code, ErrorCode::invalid);
}

TEST_F(ReaderTest, SeesOneSnapshotWhileACursorIsOpen) {
  add(1);
  add(2);
  auto reader = *Reader::open(path_);
  {
    auto cursor = *reader->select("SELECT * FROM report");
    ASSERT_TRUE(*cursor.next());
    add(3);
    EXPECT_EQ(count(*reader), 2);
  }
  EXPECT_EQ(count(*reader), 3) << "the snapshot is let go";
  {
    auto snapshot = *reader->snapshot();
    add(4);
    EXPECT_EQ(count(*reader), 3);
    EXPECT_EQ(count(*reader), 3);
  }
  EXPECT_EQ(count(*reader), 4);
}

TEST_F(ReaderTest, EndsAtItsDeadline) {
  auto reader = *Reader::open(path_);
  testing::ManualClock clock(0);
  reader->set_deadline(clock, second);
  const char* endless =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
  auto cursor = *reader->select(endless);
  ASSERT_TRUE(*cursor.next());
  clock.advance(second);
  Result<bool> row = true;
  while (row) row = cursor.next();
  EXPECT_EQ(row.error().code, ErrorCode::timeout);
  reader->clear_deadline();
  EXPECT_EQ(count(*reader), 0);
}

TEST_F(ReaderTest, CannotWrite) {
  auto reader = *Reader::open(path_);
  auto cursor = *reader->select("DELETE FROM meta");
  EXPECT_EQ(cursor.next().error().code, ErrorCode::denied);
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
  {
    auto snapshot = *reader->snapshot();
    add(2);
    EXPECT_FALSE(checkpointer.step()->emptied);
    EXPECT_GT(std::filesystem::file_size(path_ + "-wal"), 0u);
  }
  EXPECT_TRUE(checkpointer.step()->emptied);
  EXPECT_EQ(std::filesystem::file_size(path_ + "-wal"), 0u);
  add(3);
  EXPECT_EQ(count(*reader), 3);
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
