// drop_server_run_test.cc -- runs are watched over the connections of their wrappers.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "drop_server_case.hh"

namespace sheepdog {
namespace {

using testing::Answer;
using testing::DropClient;
using testing::report_of;
using testing::wait_until;

class DropServerRunTest : public testing::DropServerCase {
 protected:
  static constexpr const char* run_id = "01890000-0000-7000-8000-000000000001";

  static Report phase(const char* phase, const char* run = run_id) {
    Report report = report_of("backup", Status::unknown);
    report.plugin = "run";
    report.data = to_json_text({{"run", run}, {"phase", phase}});
    return report;
  }
};

TEST_F(DropServerRunTest, OfAnOpenRunOnlyWhatIsNeededIsKept) {
  DropClient client(loop, options.path);
  auto start = phase("start");
  start.summary = std::string(900'000, 'x');
  auto data = data_of(start);
  data["inform"] = "ops";
  start.data = to_json_text(data);
  ASSERT_TRUE(client.send(line(start)));
  ASSERT_TRUE(client.answer());
  Answer<Result<std::vector<OpenRun>>> answer;
  spool->open_runs(answer.call());
  const auto open_runs = answer.wait(loop);
  ASSERT_EQ(open_runs->size(), 1u);
  EXPECT_LT(open_runs->front().opening.size(), 300u);

  options.return_time = 0;
  open();
  ASSERT_TRUE(wait_until(loop, [&] { return spool->usage().entries == 2; }));
  const auto gone = reports().back();
  EXPECT_EQ(gone.host, "h");
  EXPECT_EQ(gone.service, "backup");
  EXPECT_EQ(data_of(gone)["phase"], "vanished");
  EXPECT_EQ(data_of(gone)["inform"], "ops");
  EXPECT_EQ(data_of(gone)["started"], static_cast<double>(start.time) / 1e6);
}

TEST_F(DropServerRunTest, ARunVanishesWithItsWrapper) {
  DropClient client(loop, options.path);
  ASSERT_TRUE(client.send(line(phase("start"))));
  ASSERT_TRUE(client.answer());
  client.close();
  ASSERT_TRUE(wait_until(loop, [&] { return spool->usage().entries == 2; }));
  const auto gone = reports().back();
  EXPECT_EQ(gone.plugin, "run");
  EXPECT_EQ(gone.service, "backup");
  EXPECT_EQ(gone.host, "h");
  EXPECT_EQ(gone.status, Status::critical);
  EXPECT_TRUE(gone.summary.ends_with("; its command may still run")) << gone.summary;
  EXPECT_EQ(data_of(gone)["run"], run_id);
  EXPECT_EQ(data_of(gone)["phase"], "vanished");
}

TEST_F(DropServerRunTest, ARunThatEndedDoesNotVanish) {
  DropClient client(loop, options.path);
  ASSERT_TRUE(client.send(line(phase("start")) + line(phase("renew")) + line(phase("end"))));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client.answer());
  client.close();
  ASSERT_TRUE(wait_until(loop, [&] { return server->connections() == 0; }));
  EXPECT_EQ(spooled().size(), 3u);
}

TEST_F(DropServerRunTest, ARestartOfTheDaemonIsNoVanishing) {
  options.return_time = 200'000;
  constexpr const char* other = "01890000-0000-7000-8000-000000000002";
  constexpr const char* ended = "01890000-0000-7000-8000-000000000003";
  DropClient client(loop, options.path);
  ASSERT_TRUE(client.send(line(phase("start")) + line(phase("start", other)) +
                          line(phase("start", ended))));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client.answer());
  open();
  EXPECT_EQ(spooled().size(), 3u) << "an ending daemon says nothing about its runs";

  // One wrapper comes back, one run ended by another way, one is gone.
  DropClient back(loop, options.path);
  ASSERT_TRUE(back.send(line(phase("start"))));
  ASSERT_TRUE(back.answer());
  SpoolEntry end;
  end.mark = RunMark::closes;
  end.run = ended;
  spool->append({end}, {});
  ASSERT_TRUE(wait_until(loop, [&] { return spool->usage().entries == 6; }));
  const auto last = *parse_report(spooled().back().body, "", clock.now());
  EXPECT_EQ(data_of(last)["phase"], "vanished");
  EXPECT_EQ(data_of(last)["run"], other);

  ASSERT_TRUE(back.send(line(phase("end"))));
  ASSERT_TRUE(back.answer());
  EXPECT_EQ(spooled().size(), 7u);
}

TEST_F(DropServerRunTest, AWrapperThatConnectsAnewKeepsItsRun) {
  DropClient first(loop, options.path);
  ASSERT_TRUE(first.send(line(phase("start"))));
  ASSERT_TRUE(first.answer());
  DropClient second(loop, options.path);
  ASSERT_TRUE(second.send(line(phase("start"))));
  ASSERT_TRUE(second.answer());
  first.close();
  ASSERT_TRUE(wait_until(loop, [&] { return server->connections() == 1; }));
  EXPECT_EQ(spooled().size(), 2u);
  second.close();
  EXPECT_TRUE(wait_until(loop, [&] { return spool->usage().entries == 3; }));
}

}  // namespace
}  // namespace sheepdog
