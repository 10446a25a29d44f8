// fixture.hh -- a store in a private directory, and short ways to fill it and look into it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hh"
#include "sqlite/statement.hh"
#include "store/writer.hh"
#include "seeded_random.hh"

namespace sheepdog {

constexpr Micros second = micros_per_second;

inline Uuid numbered(std::uint64_t n) {
  Uuid uuid;
  for (std::size_t i = 0; i < 8; ++i) uuid.bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
  return uuid;
}

/// A report of tux/SERVICE at TIME with the id N.
inline Report report(std::uint64_t n, Micros time, std::string service = "backup") {
  Report r;
  r.id = numbered(n);
  r.time = time;
  r.host = "tux";
  r.service = std::move(service);
  r.summary = "number " + std::to_string(n);
  return r;
}

inline Received received(Report r, std::vector<Assertion> assertions = {}) {
  return {std::move(r), std::move(assertions), false};
}

inline Assertion is(Status status) { return assertion::Status{{}, {}, status, ""}; }
inline Assertion fact(std::string key, FactValue value) {
  return assertion::Fact{{}, std::move(key), std::move(value)};
}

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    std::string name = (std::filesystem::temp_directory_path() / "sheepdog-store-XXXXXX").string();
    directory_ = mkdtemp(name.data());
    path_ = directory_ + "/store.db";
    open();
  }
  ~StoreTest() override {
    writer_.reset();
    std::filesystem::remove_all(directory_);
  }

  void open(WriterOptions options = {}) {
    writer_.reset();
    auto writer = Writer::open(path_, random_, options);
    ASSERT_TRUE(writer) << writer.error().text();
    writer_ = *std::move(writer);
  }

  Committed commit(std::vector<Received> all, Micros arrival = 1'000'000 * second) {
    Batch batch;
    batch.received = std::move(all);
    auto done = writer_->commit(batch, arrival);
    EXPECT_TRUE(done) << done.error().text();
    return done ? *done : Committed{};
  }

  /// What SQL selects: columns separated by blanks, rows by bars.
  std::string rows(const std::string& sql) {
    auto statement = writer_->db().prepare(sql);
    EXPECT_TRUE(statement) << statement.error().text();
    if (!statement) return {};
    std::string all;
    for (;;) {
      auto row = statement->step();
      EXPECT_TRUE(row);
      if (!row || !*row) return all;
      if (!all.empty()) all += '|';
      for (int i = 0; i < statement->columns(); ++i) {
        if (i > 0) all += ' ';
        all += statement->is_null(i) ? "-" : std::string(statement->text(i));
      }
    }
  }

  std::string directory_;
  std::string path_;
  testing::SeededRandom random_{1};
  std::unique_ptr<Writer> writer_;
};

}  // namespace sheepdog
