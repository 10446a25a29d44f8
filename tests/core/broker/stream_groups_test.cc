// stream_groups_test.cc -- who reads the stream, and from where on it is needed.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/stream_groups.hh"

#include <gtest/gtest.h>

#include "redis_server.hh"

namespace sheepdog {
namespace {

using testing::Answer;
using testing::RedisServer;
using testing::wait_until;

class StreamGroupsTest : public ::testing::Test {
 protected:
  std::vector<StreamGroup> look() {
    Answer<Result<std::vector<StreamGroup>>> answer;
    look_at_groups(*connection, "s", answer.call());
    auto groups = answer.wait(loop);
    EXPECT_TRUE(groups) << groups.error().text();
    return *std::move(groups);
  }

  void tell(std::initializer_list<std::string_view> command) {
    Answer<bool> answer;
    connection->command(command, [call = answer.call()](const Result<const redisReply*>& reply) {
      EXPECT_TRUE(reply) << reply.error().text();
      call(true);
    });
    answer.wait(loop);
  }

  Loop loop;
  SystemRandom random;
  std::optional<RedisConnection> connection;
};

TEST_F(StreamGroupsTest, EachIsToldWithWhatItNeeds) {
  NEEDS_REDIS();
  const RedisServer server;
  bool up = false;
  connection.emplace(loop, random, server.address(), RedisOptions{},
                     RedisConnection::Events{[&] { up = true; }, {}});
  ASSERT_TRUE(wait_until(loop, [&] { return up; }));
  EXPECT_TRUE(look().empty()) << "no stream";
  tell({"XADD", "s", "1000-1", "report", "a"});
  EXPECT_TRUE(look().empty()) << "no groups";
  tell({"XADD", "s", "2000-1", "report", "b"});
  tell({"XGROUP", "CREATE", "s", "done", "$"});
  tell({"XGROUP", "CREATE", "s", "new", "0"});
  tell({"XGROUP", "CREATE", "s", "stuck", "0"});
  tell({"XREADGROUP", "GROUP", "stuck", "one", "COUNT", "10", "STREAMS", "s", ">"});
  tell({"XACK", "s", "stuck", "1000-1"});

  const auto groups = look();
  ASSERT_EQ(groups.size(), 3u);
  EXPECT_EQ(groups[0].name, "done");
  EXPECT_FALSE(groups[0].behind);
  EXPECT_EQ(groups[0].needed_since, 2'000'000);
  EXPECT_FALSE(groups[0].idle);
  EXPECT_EQ(groups[1].name, "new");
  EXPECT_TRUE(groups[1].behind);
  EXPECT_EQ(groups[1].pending, 0);
  EXPECT_EQ(groups[1].needed_since, 0);
  EXPECT_EQ(groups[2].name, "stuck");
  EXPECT_FALSE(groups[2].behind);
  EXPECT_EQ(groups[2].pending, 1);
  EXPECT_EQ(groups[2].needed_since, 2'000'000);
  ASSERT_TRUE(groups[2].idle);
  EXPECT_LT(*groups[2].idle, 60 * micros_per_second);
}

}  // namespace
}  // namespace sheepdog
