// reporter_case.hh -- what the tests of the reporter have in common.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/drop_server.hh"
#include "broker/reporter.hh"
#include "broker/spool.hh"
#include "seeded_random.hh"
#include "support.hh"

namespace sheepdog::testing {

/// A reporter, and a daemon that it may find.
class ReporterCase : public ::testing::Test {
 protected:
  void SetUp() override {
    options.state_dir = directory / "state";
    options.machine = directory / "machine";
    options.patience = 300'000;
    places = places_of(options.state_dir);
  }
  void start_daemon() {
    ASSERT_TRUE(make_directories(options.state_dir, 0700));
    auto opened = Spool::open(loop, clock, {places.spool, "here"});
    ASSERT_TRUE(opened) << opened.error().text();
    spool = *std::move(opened);
    DropOptions drop;
    drop.path = places.drop;
    drop.host = "here";
    drop.return_time = 300'000;
    auto listening = DropServer::open(loop, clock, random, *spool, drop);
    ASSERT_TRUE(listening) << listening.error().text();
    server = *std::move(listening);
  }
  void stop_daemon() {
    server.reset();
    spool.reset();
  }
  void TearDown() override {
    reporter.reset();
    stop_daemon();
    loop.run_once(false);
    EXPECT_EQ(loop.open_handles(), 0);
  }
  Result<> submit(const Report& report) {
    Answer<Result<>> answer;
    reporter->submit(report, answer.call());
    return answer.wait(loop);
  }
  void finish() {
    bool done = false;
    reporter->finish([&] { done = true; });
    ASSERT_TRUE(wait_until(loop, [&] { return done; }));
  }
  std::vector<std::string> spooled() {
    Answer<Result<std::vector<Entry>>> answer;
    spool->take(0, 100000, 1 << 30, answer.call());
    std::vector<std::string> services;
    const auto taken = answer.wait(loop);
    for (const auto& entry : *taken) {
      const auto report = parse_report(entry.body, "", clock.now());
      const auto data = data_of(*report);
      const auto phase = data.find("phase");
      services.push_back(phase == data.end() ? report->service : phase->get<std::string>());
    }
    return services;
  }
  std::size_t files() const {
    std::error_code none;
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(places.incoming, none), {}));
  }
  static Report phase(const char* name) {
    Report report = report_of("backup", Status::unknown);
    report.plugin = "run";
    report.data = to_json_text({{"run", "01890000-0000-7000-8000-000000000001"}, {"phase", name}});
    return report;
  }

  PrivateDirectory directory;
  ReporterOptions options;
  Places places;
  Loop loop;
  SystemClock clock;
  SeededRandom random{5};
  std::unique_ptr<Spool> spool;
  std::unique_ptr<DropServer> server;
  std::optional<Reporter> reporter;
};

}  // namespace sheepdog::testing
