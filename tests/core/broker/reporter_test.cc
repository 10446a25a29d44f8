// reporter_test.cc -- a report finds its way whatever is missing, and is never lost on it.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/reporter.hh"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include "broker/drop_server.hh"
#include "broker/incoming.hh"
#include "redis_server.hh"
#include "seeded_random.hh"

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
using testing::PrivateDirectory;
using testing::RedisServer;
using testing::report_of;
using testing::wait_until;

constexpr const char* run_id = "01890000-0000-7000-8000-000000000001";

class ReporterTest : public ::testing::Test {
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
    report.data = to_json_text({{"run", run_id}, {"phase", name}});
    return report;
  }

  PrivateDirectory directory;
  ReporterOptions options;
  Places places;
  Loop loop;
  SystemClock clock;
  testing::SeededRandom random{5};
  std::unique_ptr<Spool> spool;
  std::unique_ptr<DropServer> server;
  std::optional<Reporter> reporter;
};

using Names = std::vector<std::string>;

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

TEST_F(ReporterTest, StraightToRedis) {
  NEEDS_REDIS();
  const RedisServer redis;
  options.broker = redis.address().text();
  reporter.emplace(loop, clock, options);
  EXPECT_TRUE(reporter->way_taken().over_redis);
  const auto a = report_of("a");
  EXPECT_TRUE(submit(a));
  EXPECT_EQ(reporter->way_taken().where, redis.address().text());
  EXPECT_NE(redis.command({"XRANGE", "sheepdog:reports", "-", "+"}).find(a.id.text()),
            std::string::npos);
  finish();
}

TEST_F(ReporterTest, WithoutRedisTheLocalWay) {
  options.broker = "unix://" + (directory / "nowhere");
  reporter.emplace(loop, clock, options);
  EXPECT_TRUE(submit(report_of("a")));
  EXPECT_EQ(files(), 1u);
  EXPECT_FALSE(reporter->way_taken().over_redis);
  EXPECT_EQ(reporter->way_taken().where, places.incoming);
  EXPECT_NE(reporter->way_taken().trouble.find("nowhere"), std::string::npos);
  start_daemon();
  EXPECT_TRUE(submit(report_of("b")));
  EXPECT_EQ(reporter->way_taken().where, places.drop);
  finish();
}

TEST_F(ReporterTest, ARefusedPasswordIsNotWaitedForAndNotShown) {
  NEEDS_REDIS();
  const RedisServer redis({"--requirepass", "right"});
  options.patience = 30 * micros_per_second;
  options.broker = "unix://:hidden@" + redis.socket();
  reporter.emplace(loop, clock, options);
  EXPECT_TRUE(submit(report_of("a")));
  EXPECT_EQ(files(), 1u);
  EXPECT_NE(reporter->way_taken().trouble.find("WRONGPASS"), std::string::npos) << reporter->way_taken().trouble;
  EXPECT_EQ(reporter->way_taken().trouble.find("hidden"), std::string::npos);
}

TEST_F(ReporterTest, RedisGoesAndComesBack) {
  NEEDS_REDIS();
  RedisServer redis;
  options.broker = redis.address().text();
  reporter.emplace(loop, clock, options);
  EXPECT_TRUE(submit(report_of("a")));
  redis.freeze();
  EXPECT_TRUE(submit(report_of("b"))) << "after the patience, locally";
  EXPECT_EQ(files(), 1u);
  redis.kill();
  redis.start();
  ASSERT_TRUE(wait_until(loop, [&] {
    EXPECT_TRUE(submit(report_of("c")));
    return reporter->way_taken().over_redis;
  }));
  EXPECT_GE(redis.length(), 2);
  finish();
}

TEST_F(ReporterTest, AFullRedisIsLeftAfterThePatience) {
  NEEDS_REDIS();
  const RedisServer redis({"--maxmemory", "1"});
  options.broker = redis.address().text();
  reporter.emplace(loop, clock, options);
  EXPECT_TRUE(submit(report_of("a")));
  EXPECT_EQ(files(), 1u);
  EXPECT_NE(reporter->way_taken().trouble.find("OOM"), std::string::npos) << reporter->way_taken().trouble;
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

TEST(ReporterOptions, TheCommandLineGoesBeforeTheEnvironment) {
  setenv("SHEEPDOG_BROKER", "b", 1);
  setenv("SHEEPDOG_STATE_DIR", "/s", 1);
  EXPECT_EQ(reporter_options("", "").broker, "b");
  EXPECT_EQ(reporter_options("", "").state_dir, "/s");
  EXPECT_EQ(reporter_options("c", "").broker, "c");
  EXPECT_EQ(reporter_options("", "/t").broker, "");
  EXPECT_EQ(reporter_options("", "/t").state_dir, "/t");
  unsetenv("SHEEPDOG_BROKER");
  unsetenv("SHEEPDOG_STATE_DIR");
}

}  // namespace
}  // namespace sheepdog
