// spool_case.hh -- what the tests of the spool and of its source have in common.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/spool.hh"
#include "manual_clock.hh"
#include "support.hh"

namespace sheepdog::testing {

inline SpoolEntry entry(std::string body, bool success = false) {
  SpoolEntry e;
  e.body = std::move(body);
  e.success = success;
  e.arrival = 7;
  return e;
}

/// A spool that may be opened again.
class SpoolCase : public ::testing::Test {
 protected:
  SpoolOptions options() const { return {directory / "spool.db", "here", limit, disk_limit}; }
  void open() {
    spool.reset();
    auto opened = Spool::open(loop, clock, options());
    ASSERT_TRUE(opened) << opened.error().text();
    spool = *std::move(opened);
  }
  Result<> append(std::vector<SpoolEntry> entries) {
    Answer<Result<>> answer;
    spool->append(std::move(entries), answer.call());
    return answer.wait(loop);
  }
  std::vector<Entry> take(std::int64_t after = 0, std::size_t max = 1000,
                          std::size_t max_bytes = 1 << 20) {
    Answer<Result<std::vector<Entry>>> answer;
    spool->take(after, max, max_bytes, answer.call());
    auto taken = answer.wait(loop);
    EXPECT_TRUE(taken);
    return *std::move(taken);
  }
  std::vector<std::string> bodies() {
    std::vector<std::string> all;
    for (auto& e : take()) all.push_back(e.body);
    return all;
  }
  void release(std::vector<std::int64_t> keys) {
    Answer<Result<>> answer;
    spool->release(std::move(keys), answer.call());
    const auto result = answer.wait(loop);
    EXPECT_TRUE(result) << result.error().text();
  }

  PrivateDirectory directory;
  std::size_t limit = std::size_t{64} << 20;
  std::size_t disk_limit = 0;
  Loop loop;
  ManualClock clock{1'700'000'000 * micros_per_second};
  std::unique_ptr<Spool> spool;
};

}  // namespace sheepdog::testing
