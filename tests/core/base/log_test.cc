// log_test.cc -- how a line looks where it goes.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/log.hh"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace sheepdog {
namespace {

class Log : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(pipe(ends_), 0);
    error_ = dup(STDERR_FILENO);
    dup2(ends_[1], STDERR_FILENO);
  }
  void TearDown() override {
    dup2(error_, STDERR_FILENO);
    for (const int fd : {error_, ends_[0], ends_[1]}) close(fd);
    unsetenv("JOURNAL_STREAM");
  }
  std::string written() {
    char buffer[1000];
    const auto n = read(ends_[0], buffer, sizeof buffer);
    return {buffer, static_cast<std::size_t>(n > 0 ? n : 0)};
  }
  int ends_[2]{};
  int error_ = -1;
};

TEST_F(Log, OnlyTheJournalGetsPriorities) {
  struct stat info {};
  ASSERT_EQ(fstat(STDERR_FILENO, &info), 0);
  setenv("JOURNAL_STREAM", fmt::format("{}:{}", info.st_dev, info.st_ino).c_str(), 1);
  log::warning("to the journal");
  EXPECT_EQ(written(), "<4>to the journal\n");
  setenv("JOURNAL_STREAM", fmt::format("{}:{}", info.st_dev, info.st_ino + 1).c_str(), 1);
  log::warning("elsewhere");
  const auto elsewhere = written();
  EXPECT_TRUE(elsewhere.ends_with(" warning elsewhere\n")) << elsewhere;
  EXPECT_FALSE(elsewhere.starts_with("<")) << elsewhere;
}

}  // namespace
}  // namespace sheepdog
