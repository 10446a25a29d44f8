// reporter_test.cc -- a report finds its way whatever is missing, and is never lost on it.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include "broker/incoming.hh"
#include "reporter_case.hh"

namespace {

/// While one lives, every sync hangs, as on a disk whose server is gone.
class HungDisk {
 public:
  HungDisk() { set(true); }
  ~HungDisk() { set(false); }
  HungDisk(const HungDisk&) = delete;
  HungDisk& operator=(const HungDisk&) = delete;

  static void wait() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [] { return !hangs; });
  }

 private:
  static void set(bool now) {
    const std::lock_guard lock(mutex);
    hangs = now;
    changed.notify_all();
  }
  static inline std::mutex mutex;
  static inline std::condition_variable changed;
  static inline bool hangs = false;
};

}  // namespace

/// Takes the place of the C library's in this program.
extern "C" int fsync(int fd) {
  HungDisk::wait();
  return static_cast<int>(syscall(SYS_fsync, fd));
}

namespace sheepdog {
namespace {

using testing::Answer;
using testing::report_of;
using testing::wait_until;

using Names = std::vector<std::string>;

class ReporterTest : public testing::ReporterCase {};

TEST_F(ReporterTest, ToADaemonsSocket) {
  start_daemon();
  reporter.emplace(loop, clock, options);
  EXPECT_EQ(reporter->way_taken().where, places.drop);
  EXPECT_FALSE(reporter->way_taken().over_redis);
  EXPECT_TRUE(submit(report_of("a")));
  EXPECT_TRUE(submit(report_of("b")));
  EXPECT_EQ(spooled(), (Names{"a", "b"}));
  finish();
  EXPECT_EQ(reporter->way_taken().trouble, "");
}

TEST_F(ReporterTest, TheDaemonKnowsTheNameOfItsMachine) {
  start_daemon();
  reporter.emplace(loop, clock, options);
  auto report = report_of("a");
  report.host.clear();
  EXPECT_TRUE(submit(report));
  Answer<Result<std::vector<Entry>>> answer;
  spool->take(0, 10, 1 << 20, answer.call());
  const auto taken = answer.wait(loop);
  ASSERT_EQ(taken->size(), 1U);
  EXPECT_EQ(parse_report(taken->front().body, "", clock.now())->host, "here");
  finish();
}

TEST_F(ReporterTest, WhatADaemonRefusesForGoodIsToldToTheCaller) {
  start_daemon();
  reporter.emplace(loop, clock, options);
  auto report = report_of("a");
  report.host = "bad\nhost";
  const auto result = submit(report);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::invalid);
  report = report_of("large");
  report.summary = std::string(2 << 20, 'x');
  EXPECT_FALSE(submit(report));
  EXPECT_EQ(files(), 0u);
}

TEST_F(ReporterTest, WithoutADaemonIntoAFileThatIsCollected) {
  reporter.emplace(loop, clock, options);
  const auto a = report_of("a");
  EXPECT_TRUE(submit(a));
  EXPECT_EQ(reporter->way_taken().where, places.incoming);
  finish();
  const auto file = places.incoming + "/" + a.id.text() + ".json";
  struct stat status {};
  ASSERT_EQ(stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  start_daemon();
  auto incoming = *Incoming::open(loop, clock, *spool, {places.incoming, "here"});
  Answer<Result<std::size_t>> collected;
  incoming->collect(collected.call());
  EXPECT_EQ(*collected.wait(loop), 1u);
  EXPECT_EQ(spooled(), Names{"a"});
  EXPECT_EQ(files(), 0u);
}

TEST_F(ReporterTest, WhatIsHandedInTogetherIsSyncedTogether) {
  options.patience = 30 * micros_per_second;
  reporter.emplace(loop, clock, options);
  constexpr int count = 2500;
  int accepted = 0;
  for (int i = 0; i < count; ++i)
    reporter->submit(report_of("many"), [&](const Result<>& result) { accepted += result ? 1 : 0; });
  EXPECT_TRUE(wait_until(loop, [&] { return accepted == count; }));
  finish();
  EXPECT_EQ(files(), 3u);
  start_daemon();
  auto incoming = *Incoming::open(loop, clock, *spool, {places.incoming, "here"});
  Answer<Result<std::size_t>> collected;
  incoming->collect(collected.call());
  EXPECT_EQ(*collected.wait(loop), 2500u);
  EXPECT_EQ(files(), 0u);
}

TEST_F(ReporterTest, WithNoPlaceToLeaveItTheCallerIsTold) {
  ASSERT_TRUE(write_durably(options.state_dir, "a file", 0600));
  reporter.emplace(loop, clock, options);
  const auto result = submit(report_of("a"));
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().text(), "");
  finish();
}

TEST_F(ReporterTest, ASilentDaemonIsLeftForAFile) {
  ASSERT_TRUE(make_directories(options.state_dir, 0700));
  std::vector<Fd> held;
  const auto listener = LocalListener::open(loop, places.drop, 0600,
                                            [&](Fd fd) { held.push_back(std::move(fd)); });
  ASSERT_TRUE(listener);
  reporter.emplace(loop, clock, options);
  EXPECT_TRUE(submit(report_of("a")));
  EXPECT_EQ(files(), 1u);
  EXPECT_EQ(reporter->way_taken().where, places.incoming);
}

TEST_F(ReporterTest, AHungDiskIsWaitedForOnlySoLong) {
  ASSERT_TRUE(make_directories(options.state_dir, 0700));
  {
    const HungDisk hung;
    reporter.emplace(loop, clock, options);
    const auto first = submit(report_of("a"));
    ASSERT_FALSE(first);
    EXPECT_EQ(first.error().code, ErrorCode::timeout);
    EXPECT_NE(first.error().text().find(places.incoming), std::string::npos);
    EXPECT_FALSE(submit(report_of("b"))) << "which waits behind it";
    finish();
    reporter.reset();
  }
  reporter.emplace(loop, clock, options);
  EXPECT_TRUE(submit(report_of("c")));
  finish();
}

TEST_F(ReporterTest, ARestartedDaemonGetsTheUnansweredAndTheOpenRun) {
  start_daemon();
  options.patience = 10 * micros_per_second;
  reporter.emplace(loop, clock, options);
  EXPECT_TRUE(submit(phase("start")));
  // Handed in, and the daemon goes before it can answer.
  Answer<Result<>> renewed;
  reporter->submit(phase("renew"), renewed.call());
  stop_daemon();
  for (int i = 0; i < 20; ++i) loop.run_once(false);
  EXPECT_FALSE(renewed.came());
  start_daemon();
  EXPECT_TRUE(renewed.wait(loop));
  // Past the time in which wrappers have to be back, the run is still watched and has not vanished.
  Timer later(loop);
  bool passed = false;
  later.once(500'000, [&] { passed = true; });
  ASSERT_TRUE(wait_until(loop, [&] { return passed; }));
  EXPECT_EQ(spooled(), (Names{"start", "start", "renew"}));
  EXPECT_TRUE(submit(phase("end")));
  finish();
  ASSERT_TRUE(wait_until(loop, [&] { return server->connections() == 0; }));
  EXPECT_EQ(spooled(), (Names{"start", "start", "renew", "end"}));
}

TEST_F(ReporterTest, ADaemonThatStaysAwayIsWaitedForOnlySoLong) {
  start_daemon();
  reporter.emplace(loop, clock, options);
  EXPECT_TRUE(submit(phase("start")));
  stop_daemon();
  ASSERT_TRUE(wait_until(loop, [&] { return !std::filesystem::exists(places.drop); }));
  loop.run_once(false);
  EXPECT_TRUE(submit(phase("end")));
  EXPECT_EQ(files(), 1u);
  finish();
}

TEST_F(ReporterTest, ManyAtOnceKeepTheirOrder) {
  start_daemon();
  options.patience = 30 * micros_per_second;
  reporter.emplace(loop, clock, options);
  int answered = 0;
  Names sent;
  for (int i = 0; i < 2000; ++i) {
    sent.push_back("s" + std::to_string(i));
    reporter->submit(report_of(sent.back()), [&](const Result<>& result) {
      EXPECT_TRUE(result);
      ++answered;
    });
  }
  finish();
  EXPECT_EQ(answered, 2000);
  EXPECT_EQ(spooled(), sent);
}

TEST_F(ReporterTest, MayBeDestroyedInAnAnswer) {
  start_daemon();
  reporter.emplace(loop, clock, options);
  reporter->submit(report_of("a"), [&](const Result<>&) { reporter.reset(); });
  reporter->submit(report_of("b"), {});
  EXPECT_TRUE(wait_until(loop, [&] { return !reporter; }));
}

}  // namespace
}  // namespace sheepdog
