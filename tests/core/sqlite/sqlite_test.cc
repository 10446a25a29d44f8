// sqlite_test.cc -- connections, statements, transactions and their errors.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "sqlite/db.hh"
#include "sqlite/statement.hh"
#include "sqlite/transaction.hh"

namespace sheepdog {
namespace {

class Sqlite : public testing::Test {
 protected:
  Sqlite() {
    std::string name = (std::filesystem::temp_directory_path() / "sheepdog-sqlite-XXXXXX").string();
    directory_ = mkdtemp(name.data());
    path_ = directory_ + "/x.db";
  }
  ~Sqlite() override { std::filesystem::remove_all(directory_); }

  Db fresh() {
    Db db = *Db::open(path_);
    EXPECT_TRUE(db.exec("CREATE TABLE t(a, b)"));
    return db;
  }

  std::string directory_;
  std::string path_;
};

TEST_F(Sqlite, OpensWithTheSettingsThatKeepPromises) {
  Db db = fresh();
  EXPECT_EQ(*db.integer("PRAGMA synchronous"), 2);
  EXPECT_EQ(*db.integer("PRAGMA foreign_keys"), 1);
  EXPECT_EQ(*db.integer("SELECT 1 FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
}

TEST_F(Sqlite, KeepsTheTypeOfAValue) {
  Db db = fresh();
  const std::vector<Value> values{std::monostate{}, std::int64_t{-1}, 1.0, "a\0b", std::string(),
                                  std::string("x\0y", 3), Blob{0, 255}, Blob{}};
  for (const auto& value : values) {
    auto echo = *db.prepare("SELECT ?");
    ASSERT_TRUE(*echo.with(value).step());
    EXPECT_EQ(echo.value(0), value);
  }
  auto echo = *db.prepare("SELECT ?1, ?2, ?3");
  const std::string text = "abc";
  ASSERT_TRUE(*echo.with(std::string_view(text), true, std::optional<int>{}).step());
  EXPECT_EQ(echo.text(0), "abc");
  EXPECT_EQ(echo.integer(1), 1);
  EXPECT_TRUE(echo.is_null(2));
  ASSERT_TRUE(*echo.with(std::string_view(), BlobView(), 1).step());
  EXPECT_EQ(echo.value(0), Value(std::string()));
  EXPECT_EQ(echo.value(1), Value(Blob()));
}

TEST_F(Sqlite, StatementsComeFromTheCacheClean) {
  Db db = fresh();
  {
    auto one = *db.prepare("SELECT ?");
    ASSERT_TRUE(*one.with(7).step());
    auto other = *db.prepare("SELECT ?");  // the cached one is out: this is a second
    ASSERT_TRUE(*other.with(8).step());
    EXPECT_EQ(one.integer(0), 7);
  }
  auto again = *db.prepare("SELECT ?");
  ASSERT_TRUE(*again.step());
  EXPECT_TRUE(again.is_null(0));
}

TEST_F(Sqlite, TheCacheIsBounded) {
  Db db = *Db::open(path_, {.idle_statements = 4});
  for (int i = 0; i < 50; ++i) {
    auto statement = db.prepare("SELECT " + std::to_string(i));
    ASSERT_TRUE(*statement->step());
    EXPECT_EQ(statement->integer(0), i);
  }
}

TEST_F(Sqlite, OneStatementAtATime) {
  Db db = fresh();
  EXPECT_TRUE(db.prepare("SELECT 1 ; \n"));
  EXPECT_EQ(db.prepare("SELECT 1; DROP TABLE t").error().code, ErrorCode::invalid);
  EXPECT_EQ(db.prepare("SELEC 1").error().code, ErrorCode::invalid);
  EXPECT_EQ(db.prepare("  ").error().code, ErrorCode::invalid);
}

TEST_F(Sqlite, AFailedBindIsTheErrorOfTheStep) {
  Db db = fresh();
  auto insert = *db.prepare("INSERT INTO t VALUES(?, ?)");
  EXPECT_FALSE(insert.run(1, 2, 3));
  EXPECT_TRUE(insert.run(1, 2));
  EXPECT_EQ(*db.integer("SELECT count(*) FROM t"), 1);
}

TEST_F(Sqlite, ConstraintsAreToldApart) {
  Db db = fresh();
  ASSERT_TRUE(db.exec("CREATE TABLE u(a INTEGER PRIMARY KEY, b UNIQUE CHECK (b > 0))"));
  auto insert = *db.prepare("INSERT INTO u VALUES(?, ?)");
  ASSERT_TRUE(insert.run(1, 1));
  EXPECT_EQ(insert.run(1, 2).error().code, ErrorCode::exists);
  EXPECT_EQ(insert.run(2, 1).error().code, ErrorCode::exists);
  EXPECT_EQ(insert.run(3, -1).error().code, ErrorCode::invalid);
}

TEST_F(Sqlite, ATransactionIsRolledBackUnlessCommitted) {
  Db db = fresh();
  {
    auto transaction = *Transaction::begin(db);
    ASSERT_TRUE(db.exec("INSERT INTO t VALUES(1, 1)"));
  }
  EXPECT_EQ(*db.integer("SELECT count(*) FROM t"), 0);
  {
    auto transaction = *Transaction::begin(db);
    ASSERT_TRUE(db.exec("INSERT INTO t VALUES(1, 1)"));
    ASSERT_TRUE(transaction.commit());
    EXPECT_FALSE(transaction.commit());
  }
  EXPECT_EQ(*db.integer("SELECT count(*) FROM t"), 1);
}

TEST_F(Sqlite, ASecondWriterIsBusy) {
  Db one = fresh();
  Db two = *Db::open(path_, {.busy_timeout = 0});
  auto held = *Transaction::begin(one);
  const auto refused = Transaction::begin(two);
  EXPECT_EQ(refused.error().code, ErrorCode::busy);
  EXPECT_TRUE(is_transient(refused.error().code));
}

TEST_F(Sqlite, AFullDiskIsFullAndCanGoOnLater) {
  Db db = fresh();
  const auto pages = *db.integer("PRAGMA page_count");
  ASSERT_TRUE(db.exec("PRAGMA max_page_count=" + std::to_string(pages + 2)));
  {
    auto transaction = *Transaction::begin(db);
    ASSERT_TRUE(db.exec("INSERT INTO t VALUES('kept', 'not')"));
    const auto refused = db.exec("INSERT INTO t VALUES(1, zeroblob(100000))");
    EXPECT_EQ(refused.error().code, ErrorCode::full);
    EXPECT_NE(refused.error().text().find(path_), std::string::npos);
  }
  EXPECT_EQ(*db.integer("SELECT count(*) FROM t"), 0);
  ASSERT_TRUE(db.exec("PRAGMA max_page_count=100000"));
  EXPECT_TRUE(db.exec("INSERT INTO t VALUES(1, zeroblob(100000))"));
}

TEST_F(Sqlite, WhatIsNoDatabaseIsCorrupt) {
  std::ofstream(path_) << std::string(8192, 'x');
  EXPECT_EQ(Db::open(path_).error().code, ErrorCode::corrupt);
  EXPECT_EQ(Db::open_read_only(path_).error().code, ErrorCode::corrupt);
}

TEST_F(Sqlite, ReadingNeedsADatabaseThatIsThere) {
  EXPECT_EQ(Db::open_read_only(path_).error().code, ErrorCode::not_found);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(Sqlite, AReaderCannotWriteAndSeesWhatIsCommitted) {
  Db writer = fresh();
  Db reader = *Db::open_read_only(path_);
  EXPECT_EQ(reader.exec("INSERT INTO t VALUES(1, 1)").error().code, ErrorCode::denied);
  auto transaction = *Transaction::begin(writer);
  ASSERT_TRUE(writer.exec("INSERT INTO t VALUES(1, 1)"));
  EXPECT_EQ(*reader.integer("SELECT count(*) FROM t"), 0);
  ASSERT_TRUE(transaction.commit());
  EXPECT_EQ(*reader.integer("SELECT count(*) FROM t"), 1);
}

/// Runs BODY in a child that is not root; its result is BODY's.
template <typename Body>
int as_nobody(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(99);
    _exit(body());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(Sqlite, AnotherUserReadsWithoutWritingTheDirectory) {
  const auto counted = [&] {
    auto reader = Db::open_read_only(path_);
    if (!reader) return 50;
    auto count = reader->integer("SELECT count(*) FROM t");
    return count ? static_cast<int>(*count) : 51;
  };
  {
    Db db = fresh();
    ASSERT_TRUE(db.exec("INSERT INTO t VALUES(1, 1)"));
    chmod(directory_.c_str(), 0555);
    EXPECT_EQ(as_nobody(counted), 1);
    chmod(path_.c_str(), 0444);
    EXPECT_EQ(as_nobody([&] {
                auto writer = Db::open(path_);
                return !writer && writer.error().code == ErrorCode::denied ? 42 : 0;
              }),
              42);
  }
  EXPECT_EQ(as_nobody(counted), 1) << "when the writer is gone";
  chmod(directory_.c_str(), 0755);
  std::filesystem::remove(path_ + "-wal");
  std::filesystem::remove(path_ + "-shm");
  chmod(directory_.c_str(), 0555);
  EXPECT_EQ(as_nobody([&] {
              auto reader = Db::open_read_only(path_);
              if (reader) return 1;
              return reader.error().code == ErrorCode::denied &&
                             reader.error().message.find("-wal") != std::string::npos
                         ? 42
                         : 2;
            }),
            42);
  chmod(directory_.c_str(), 0755);
}

TEST_F(Sqlite, AWatchAbortsWhatTakesTooLong) {
  Db db = fresh();
  int asked = 0;
  db.set_watch([&] { return ++asked < 3; });
  const auto endless =
      db.integer("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) "
                 "FROM n");
  EXPECT_EQ(endless.error().code, ErrorCode::timeout);
  db.set_watch({});
  EXPECT_EQ(*db.integer("SELECT 1"), 1);
}

TEST_F(Sqlite, WhatNeedsMoreMemoryThanThereIsForItFails) {
  Db db = fresh();
  const char* large =
      "SELECT length(group_concat(hex(randomblob(1000)))) FROM "
      "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
      "SELECT i FROM n)";
  limit_sqlite_memory(8 * 1024 * 1024);
  const auto failed = db.integer(large);
  limit_sqlite_memory(0);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::full);
  EXPECT_NE(failed.error().text().find("memory"), std::string::npos);
  EXPECT_GT(*db.integer(large), 20'000'000);
}

TEST_F(Sqlite, UserVersion) {
  Db db = fresh();
  EXPECT_EQ(*db.user_version(), 0);
  ASSERT_TRUE(db.set_user_version(3));
  EXPECT_EQ(*db.user_version(), 3);
}

}  // namespace
}  // namespace sheepdog
