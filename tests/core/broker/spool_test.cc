// spool_test.cc -- the spool keeps what it accepted, in order, within its limits.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "base/file.hh"
#include "spool_case.hh"
#include "sqlite/db.hh"

namespace sheepdog {
namespace {

using testing::Answer;
using testing::entry;

class SpoolTest : public testing::SpoolCase {};

using Bodies = std::vector<std::string>;

TEST_F(SpoolTest, KeepsOrderAndSurvivesARestart) {
  open();
  ASSERT_TRUE(append({entry("a"), entry(std::string("b\0c", 3)), entry("")}));
  ASSERT_TRUE(append({entry("d")}));
  EXPECT_EQ(bodies(), (Bodies{"a", std::string("b\0c", 3), "", "d"}));
  const auto id = spool->id();
  release({1, 3});
  open();
  EXPECT_EQ(spool->id(), id);
  EXPECT_EQ(bodies(), (Bodies{std::string("b\0c", 3), "d"}));
  EXPECT_EQ(spool->usage().entries, 2u);
  release({2, 4});
  EXPECT_EQ(spool->usage().bytes, 0u);
  ASSERT_TRUE(append({entry("e")}));
  EXPECT_EQ(take()[0].key.major, 5u) << "a key was used twice";
}

TEST_F(SpoolTest, TakesByCountAndBytes) {
  open();
  ASSERT_TRUE(append({entry(std::string(600, 'a')), entry(std::string(600, 'b')), entry("c")}));
  EXPECT_EQ(take(0, 2).size(), 2u);
  EXPECT_EQ(take(2).size(), 1u);
  EXPECT_EQ(take(0, 10, 1000).size(), 1u);
  EXPECT_EQ(take(0, 10, 10).size(), 1u) << "the first always comes";
  EXPECT_EQ(take(3).size(), 0u);
}

TEST_F(SpoolTest, AppendsShareASyncAndAnswerInOrder) {
  open();
  std::vector<int> order;
  for (int i = 0; i < 50; ++i)
    spool->append({entry(std::to_string(i))}, [&order, i](Result<> result) {
      EXPECT_TRUE(result);
      order.push_back(i);
    });
  ASSERT_TRUE(testing::wait_until(loop, [&] { return order.size() == 50; }));
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  const auto all = bodies();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST_F(SpoolTest, WhatWasAnsweredIsThereAfterAKill) {
  // A child that dies without any ending, right after the answer.
  const auto child = fork();
  if (child == 0) {
    Loop own;
    auto opened = Spool::open(own, clock, options());
    if (!opened) _exit(2);
    (*opened)->append({entry("kept")}, [](Result<> result) { _exit(result ? 0 : 1); });
    own.run();
    _exit(3);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  open();
  EXPECT_EQ(bodies(), Bodies{"kept"});
}

TEST_F(SpoolTest, PastTheLimitTheOldestSuccessesGoFirstThenTheOldestOthers) {
  limit = 10 * (1000 + 96);
  open();
  const auto body = [](char c) { return std::string(1000, c); };
  std::vector<SpoolEntry> ten;
  for (char c = '0'; c <= '9'; ++c) ten.push_back(entry(body(c), c == '3' || c == '5'));
  ASSERT_TRUE(append(std::move(ten)));
  const auto left = [&] {
    std::string first;
    for (const auto& b : bodies()) first += b[0];
    return first;
  };
  EXPECT_EQ(left(), "0123456789");
  ASSERT_TRUE(append({entry(body('a'))}));
  EXPECT_EQ(left(), "012456789a");
  ASSERT_TRUE(append({entry(body('b')), entry(body('c'))}));
  EXPECT_EQ(left(), "1246789abc");
  EXPECT_EQ(spool->usage().lost, 3);
  open();
  EXPECT_EQ(spool->usage().lost, 3) << "the count must survive a restart";

  release({2});
  EXPECT_EQ(spool->usage().lost, 3) << "no room yet";
  release({3, 5, 7});
  EXPECT_EQ(spool->usage().lost, 0);
  const auto told = parse_report(take().back().body, "", clock.now());
  ASSERT_TRUE(told) << told.error().text();
  EXPECT_EQ(told->service, "sheepdog");
  EXPECT_EQ(told->host, "here");
  EXPECT_EQ(told->status, Status::warning);
  EXPECT_TRUE(told->summary.starts_with("3 reports were lost (1 of them not")) << told->summary;
}

TEST_F(SpoolTest, AfterLossesItSaysOnceThatAllIsWellAgain) {
  limit = 4 * (1000 + 96);
  open();
  const auto own_status = [&]() -> std::optional<Status> {
    const auto all = take();
    if (all.empty()) return std::nullopt;
    const auto report = parse_report(all.back().body, "", clock.now());
    if (!report || report->service != "sheepdog") return std::nullopt;
    return report->status;
  };
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(append({entry(std::string(1000, 'x'))}));
  release({2, 3});
  EXPECT_EQ(own_status(), Status::warning);  // its key is 6
  release({4, 5});
  EXPECT_EQ(own_status(), Status::warning) << "nobody has heard of it yet";
  open();
  release({6});
  EXPECT_EQ(own_status(), Status::ok) << "also after a restart";
  release({7});
  EXPECT_TRUE(take().empty());
  ASSERT_TRUE(append({entry("later")}));
  release({8});
  EXPECT_TRUE(take().empty()) << "it is said once";
}

TEST_F(SpoolTest, ASpoolOfTheVersionBeforeIsTakenOver) {
  open();
  ASSERT_TRUE(append({entry("kept")}));
  spool.reset();
  {
    auto db = Db::open(directory / "spool.db", {});
    ASSERT_TRUE(db);
    ASSERT_TRUE(db->exec("ALTER TABLE spool DROP COLUMN warning; PRAGMA user_version = 1"));
  }
  open();
  EXPECT_EQ(bodies(), Bodies{"kept"});
  EXPECT_TRUE(append({entry("more")}));
}

TEST_F(SpoolTest, CountsWhatAUserHolds) {
  limit = 10000;
  open();
  auto mine = entry(std::string(100, 'x'));
  mine.uid = 1000;
  spool->append({mine, mine}, [](Result<>) {});
  EXPECT_EQ(spool->held_by(1000), 200u) << "also what is on the way";
  ASSERT_TRUE(append({entry("other")}));
  EXPECT_EQ(spool->held_by(1000), 392u);
  EXPECT_EQ(spool->held_by(1001), 0u);
  open();
  EXPECT_EQ(spool->held_by(1000), 392u);
  release({1, 2});
  EXPECT_EQ(spool->held_by(1000), 0u);
}

TEST_F(SpoolTest, ADamagedFileIsSetAsideAndSaid) {
  std::ofstream(directory / "spool.db") << std::string(8192, 'x');
  open();
  auto all = take();
  ASSERT_EQ(all.size(), 1u);
  const auto told = parse_report(all[0].body, "", clock.now());
  ASSERT_TRUE(told);
  EXPECT_NE(told->summary.find("damaged"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(directory / "spool.db.damaged-1700000000000000"));
  release({1});
  all = take();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(parse_report(all[0].body, "", clock.now())->status, Status::ok);
  EXPECT_TRUE(append({entry("a")}));
}

class DamagedSpoolTest : public SpoolTest, public ::testing::WithParamInterface<bool> {};
INSTANTIATE_TEST_SUITE_P(Spool, DamagedSpoolTest, ::testing::Bool());

TEST_P(DamagedSpoolTest, DamageWhileItRunsIsMendedAndKeysGoOn) {
  open();
  std::vector<SpoolEntry> many;
  for (int i = 0; i < 2000; ++i) many.push_back(entry(std::string(3000, 'x')));
  ASSERT_TRUE(append(std::move(many)));
  // Also where all keys were given by the program before this one.
  if (GetParam()) open();
  {
    const Fd file(::open((directory / "spool.db").c_str(), O_WRONLY));
    const std::string junk(4096, '\xff');
    for (off_t page = 0; page < 1000; ++page)
      ASSERT_EQ(pwrite(file.get(), junk.data(), junk.size(), page * 4096), 4096);
    std::filesystem::resize_file(directory / "spool.db-wal", 0);
  }
  // Reading goes on wherever the damage was met, with the report about it and what comes later.
  Answer<Result<std::vector<Entry>>> answer;
  spool->take(0, 5000, 100 << 20, answer.call());
  auto taken = answer.wait(loop);
  ASSERT_TRUE(taken) << taken.error().text();
  ASSERT_EQ(taken->size(), 1u);
  EXPECT_EQ((*taken)[0].key.major, 2001u);
  ASSERT_TRUE(append({entry("after")}));
  EXPECT_EQ(bodies().back(), "after");
}

TEST_F(SpoolTest, WhatIsKnownOfOpenRunsCounts) {
  open();
  auto start = entry("start");
  start.mark = RunMark::opens;
  start.run = "r";
  start.uid = 1000;
  start.opening = std::string(500, 'o');
  ASSERT_TRUE(append({start, start}));
  const auto bytes = spool->usage().bytes;
  EXPECT_GT(bytes, 500u);
  EXPECT_LT(bytes, 1000u) << "the same run is remembered once";
  release({1, 2});
  EXPECT_EQ(spool->usage().entries, 0u);
  EXPECT_GE(spool->held_by(1000), 500u);
  const auto left = spool->held_by(1000);
  open();
  EXPECT_EQ(spool->held_by(1000), left);
  EXPECT_EQ(spool->usage().bytes, left);
  auto end = entry("end");
  end.mark = RunMark::closes;
  end.run = "r";
  end.uid = 1000;
  ASSERT_TRUE(append({end}));
  release({3});
  EXPECT_EQ(spool->held_by(1000), 0u);
  EXPECT_EQ(spool->usage().bytes, 0u);
}

TEST_F(SpoolTest, ANewerOneIsLeftAlone) {
  {
    auto db = Db::open(directory / "spool.db");
    ASSERT_TRUE(db && db->set_user_version(99));
  }
  const auto opened = Spool::open(loop, clock, options());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::unsupported);
}

TEST_F(SpoolTest, AFullDiskRefusesAndRecovers) {
  disk_limit = 40 * 4096;
  open();
  ASSERT_TRUE(append({entry("first")}));
  int accepted = 1;
  Result<> result;
  while (accepted < 100) {
    result = append({entry(std::string(3000, 'x'))});
    if (!result) break;
    ++accepted;
  }
  ASSERT_FALSE(result) << "the disk was never full";
  EXPECT_EQ(result.error().code, ErrorCode::full);
  EXPECT_TRUE(is_transient(result.error().code));
  EXPECT_NE(result.error().text().find("163840 bytes that its file may have"), std::string::npos)
      << result.error().text();
  EXPECT_EQ(static_cast<int>(take().size()), accepted) << "accepted is accepted, refused is not";
  EXPECT_EQ(static_cast<int>(spool->usage().entries), accepted);
  release({2, 3, 4, 5});
  EXPECT_TRUE(append({entry("again")}));
}

TEST_F(SpoolTest, ARunIsOpenUntilItIsClosedByItsOwner) {
  open();
  const auto marked = [](RunMark mark, const char* run, std::optional<std::uint32_t> uid) {
    auto e = entry(std::string(run) + " " + std::to_string(static_cast<int>(mark)));
    e.mark = mark;
    e.run = run;
    e.uid = uid;
    e.opening = std::string("opened ") + run;
    return e;
  };
  ASSERT_TRUE(append({marked(RunMark::opens, "a", 5), marked(RunMark::opens, "b", std::nullopt),
                      marked(RunMark::opens, "c", 6), marked(RunMark::opens, "a", 5)}));
  ASSERT_TRUE(append({marked(RunMark::closes, "a", 9), marked(RunMark::closes, "c", 6)}));
  open();
  Answer<Result<std::vector<OpenRun>>> answer;
  spool->open_runs(answer.call());
  const auto runs = *answer.wait(loop);
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].run, "a");
  EXPECT_EQ(runs[0].uid, 5u);
  EXPECT_EQ(runs[0].opening, "opened a");
  EXPECT_EQ(runs[1].uid, std::nullopt);

  const auto before = take().size();
  ASSERT_TRUE(append({marked(RunMark::vanishes, "c", 6)}));
  EXPECT_EQ(take().size(), before) << "it had ended";
  ASSERT_TRUE(append({marked(RunMark::vanishes, "a", 5), marked(RunMark::vanishes, "a", 5)}));
  EXPECT_EQ(take().size(), before + 1) << "it vanishes once";
}

TEST_F(SpoolTest, MayBeDestroyedWithinItsAnswer) {
  open();
  bool second = false;
  spool->append({entry("a")}, [&](Result<>) { spool.reset(); });
  spool->take(0, 1, 1, [&](auto) { second = true; });
  ASSERT_TRUE(testing::wait_until(loop, [&] { return !spool; }));
  loop.run_once(false);
  EXPECT_FALSE(second);
  EXPECT_EQ(loop.open_handles(), 0);
}

}  // namespace
}  // namespace sheepdog
