// reporter_redis_test.cc -- a reporter goes straight to Redis, and another way where Redis does not answer.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "redis_server.hh"
#include "reporter_case.hh"

namespace sheepdog {
namespace {

using testing::RedisServer;
using testing::report_of;
using testing::wait_until;

class ReporterRedisTest : public testing::ReporterCase {};

TEST_F(ReporterRedisTest, StraightToRedis) {
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

TEST_F(ReporterRedisTest, WithoutRedisTheLocalWay) {
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

TEST_F(ReporterRedisTest, ARefusedPasswordIsNotWaitedForAndNotShown) {
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

TEST_F(ReporterRedisTest, RedisGoesAndComesBack) {
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

TEST_F(ReporterRedisTest, AFullRedisIsLeftAfterThePatience) {
  NEEDS_REDIS();
  const RedisServer redis({"--maxmemory", "1"});
  options.broker = redis.address().text();
  reporter.emplace(loop, clock, options);
  EXPECT_TRUE(submit(report_of("a")));
  EXPECT_EQ(files(), 1u);
  EXPECT_NE(reporter->way_taken().trouble.find("OOM"), std::string::npos) << reporter->way_taken().trouble;
}

}  // namespace
}  // namespace sheepdog
