// drop_server_case.hh -- what the tests of the drop server have in common.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "broker/drop_server.hh"
#include "drop_client.hh"
#include "manual_clock.hh"
#include "seeded_random.hh"

namespace sheepdog::testing {

/// A daemon that listens.
class DropServerCase : public ::testing::Test {
 protected:
  void SetUp() override {
    options.path = directory / "drop";
    options.host = "here";
    open();
  }
  void open_spool() {
    auto opened = Spool::open(loop, clock, {directory / "spool.db", "here", spool_limit, disk_limit});
    ASSERT_TRUE(opened) << opened.error().text();
    spool = *std::move(opened);
  }
  void open() {
    server.reset();
    spool.reset();
    open_spool();
    auto opened = DropServer::open(loop, clock, random, *spool, options);
    ASSERT_TRUE(opened) << opened.error().text();
    server = *std::move(opened);
  }
  std::vector<Entry> spooled() {
    Answer<Result<std::vector<Entry>>> answer;
    spool->take(0, 100000, 1 << 30, answer.call());
    auto taken = answer.wait(loop);
    EXPECT_TRUE(taken);
    return *std::move(taken);
  }
  std::vector<Report> reports() {
    std::vector<Report> all;
    for (const auto& entry : spooled()) {
      auto report = parse_report(entry.body, "", clock.now());
      EXPECT_TRUE(report) << entry.body;
      if (report) all.push_back(*std::move(report));
    }
    return all;
  }
  static std::string line(const Report& report) { return to_wire(report) + "\n"; }

  PrivateDirectory directory;
  std::size_t spool_limit = std::size_t{64} << 20;
  std::size_t disk_limit = 0;
  DropOptions options;
  Loop loop;
  ManualClock clock{1'700'000'000 * micros_per_second};
  SeededRandom random{1};
  std::unique_ptr<Spool> spool;
  std::unique_ptr<DropServer> server;
};

}  // namespace sheepdog::testing
