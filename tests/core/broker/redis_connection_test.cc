// redis_connection_test.cc -- a connection answers in order, comes back, and never leaks.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/redis_connection.hh"
#include "broker/reply_arena.hh"

#include "broker/durability.hh"
#include "redis_server.hh"
#include "seeded_random.hh"

namespace sheepdog {
namespace {

using testing::Answer;
using testing::RedisServer;
using testing::wait_until;

class RedisConnectionTest : public ::testing::Test {
 protected:
  void connect(BrokerAddress address) {
    connection.emplace(loop, random, std::move(address), options,
                       RedisConnection::Events{[this] { ++ups; },
                                               [this](const Error& why) {
                                                 ++downs;
                                                 last = why;
                                               }});
  }
  bool wait_up() {
    return wait_until(loop, [&] { return connection->is_up(); });
  }
  std::string ask(std::initializer_list<std::string_view> words) {
    Answer<std::string> answer;
    connection->command(words, [call = answer.call()](const Result<const redisReply*>& r) mutable {
      call(!r ? "error " + std::string(to_string(r.error().code)) : std::string(text_of(*r)));
    });
    return answer.wait(loop);
  }

  RedisOptions options;
  Loop loop;
  testing::SeededRandom random{7};
  int ups = 0;
  int downs = 0;
  Error last;
  std::optional<RedisConnection> connection;
};

TEST(ReplyArena, ReadsRepliesOfAllKindsInPieces) {
  ReplyArena arena;
  const std::string_view reply = "*4\r\n$2\r\nab\r\n*2\r\n:-7\r\n$-1\r\n*0\r\n+OK\r\n";
  for (std::size_t cut = 0; cut < reply.size(); ++cut) {
    void* raw = nullptr;
    redisReaderFeed(arena.reader(), reply.data(), cut);
    ASSERT_EQ(redisReaderGetReply(arena.reader(), &raw), REDIS_OK);
    ASSERT_EQ(raw, nullptr);
    redisReaderFeed(arena.reader(), reply.data() + cut, reply.size() - cut);
    ASSERT_EQ(redisReaderGetReply(arena.reader(), &raw), REDIS_OK);
    ASSERT_NE(raw, nullptr);
    const auto* array = static_cast<const redisReply*>(raw);
    ASSERT_EQ(array->elements, 4U);
    EXPECT_EQ(text_of(array->element[0]), "ab");
    const auto* inner = array->element[1];
    ASSERT_EQ(inner->elements, 2U);
    EXPECT_EQ(inner->element[0]->integer, -7);
    EXPECT_EQ(inner->element[1]->type, REDIS_REPLY_NIL);
    EXPECT_EQ(array->element[2]->elements, 0U);
    EXPECT_EQ(array->element[3]->type, REDIS_REPLY_STATUS);
    EXPECT_EQ(text_of(array->element[3]), "OK");
    arena.release();
  }
}

TEST(RedisError, TransientIsToldFromPermanent) {
  for (const char* passing :
       {"OOM command not allowed when used memory > 'maxmemory'.", "LOADING Redis is loading",
        "READONLY You can't write against a read only replica.", "MASTERDOWN Link with MASTER",
        "MISCONF Redis is configured to save", "BUSY Redis is busy running a script"})
    EXPECT_TRUE(is_transient(redis_error(passing).code)) << passing;
  for (const char* lasting :
       {"ERR syntax error", "WRONGTYPE Operation", "NOAUTH Authentication required.",
        "WRONGPASS invalid", "NOPERM this user", "BUSYGROUP Consumer Group name already exists", ""})
    EXPECT_FALSE(is_transient(redis_error(lasting).code)) << lasting;
  EXPECT_EQ(redis_error("BUSYGROUP x").code, ErrorCode::exists);
  EXPECT_EQ(redis_error("OOMPH").code, ErrorCode::refused);
}

TEST_F(RedisConnectionTest, WhoMayNotUseTheDatabaseIsNotGreeted) {
  NEEDS_REDIS();
  const RedisServer server;
  ASSERT_EQ(server.command({"ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", "-select"}), "OK");
  auto address = server.address();
  address.user = "app";
  address.password = "pw";
  address.database = 1;
  connect(address);
  ASSERT_TRUE(wait_until(loop, [&] { return downs == 3; }));
  EXPECT_EQ(ups, 0);
  EXPECT_FALSE(connection->is_up());
  EXPECT_EQ(last.code, ErrorCode::denied);
  EXPECT_NE(last.message.find("NOPERM"), std::string::npos) << last.message;
}

TEST_F(RedisConnectionTest, CommandsAreAnsweredInOrder) {
  NEEDS_REDIS();
  const RedisServer server;
  connect(server.address());
  EXPECT_EQ(ask({"PING"}), "error unreachable") << "not before it is up";
  ASSERT_TRUE(wait_up());
  std::vector<long long> order;
  for (int i = 0; i < 1000; ++i)
    connection->command({"INCR", "n"}, [&](const Result<const redisReply*>& reply) {
      order.push_back(reply ? (*reply)->integer : -1);
    });
  ASSERT_TRUE(wait_until(loop, [&] { return order.size() == 1000; }));
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(order[i], static_cast<long long>(i) + 1);
  const std::string binary("a\0\r\n\xff", 5);
  EXPECT_EQ(ask({"SET", "b", binary}), "OK");
  EXPECT_EQ(ask({"GET", "b"}), binary);
  EXPECT_EQ(ask({"XADD", "n", "*", "a", "b"}), "error refused");
}

TEST_F(RedisConnectionTest, ComesBackAfterAKill) {
  NEEDS_REDIS();
  RedisServer server;
  connect(server.address());
  ASSERT_TRUE(wait_up());
  server.kill();
  ASSERT_TRUE(wait_until(loop, [&] { return downs >= 2; })) << "broken, then refused";
  EXPECT_FALSE(connection->is_up());
  server.start();
  ASSERT_TRUE(wait_up());
  EXPECT_EQ(ups, 2);
  EXPECT_EQ(ask({"PING"}), "PONG");
}

TEST_F(RedisConnectionTest, ASilentServerIsGivenUpAndWhatWasAskedIsAnswered) {
  NEEDS_REDIS();
  RedisServer server;
  options.reply_timeout = 200'000;
  connect(server.address());
  ASSERT_TRUE(wait_up());
  server.freeze();
  EXPECT_EQ(ask({"PING"}), "error timeout");
  server.thaw();
  EXPECT_TRUE(wait_up());
}

TEST_F(RedisConnectionTest, PasswordAndDatabaseByNameOverTcp) {
  NEEDS_REDIS();
  RedisServer server({"--requirepass", "secret"});
  server.kill();
  server.use_tcp();
  server.start();
  auto address = *parse_broker_address("redis://:secret@localhost:" +
                                       std::to_string(server.port()) + "/3");
  connect(address);
  ASSERT_TRUE(wait_up()) << last.text();
  EXPECT_EQ(ask({"SET", "a", "1"}), "OK");
  EXPECT_NE(ask({"CLIENT", "LIST"}).find("db=3"), std::string::npos);

  address.password = "wrong";
  connection.reset();
  downs = 0;
  connect(address);
  ASSERT_TRUE(wait_until(loop, [&] { return downs > 0; }));
  EXPECT_EQ(last.code, ErrorCode::denied);
  EXPECT_FALSE(is_transient(last.code));
  EXPECT_EQ(last.text().find("wrong@"), std::string::npos);

  connection.reset();
  downs = 0;
  address = *parse_broker_address("no-such-host.invalid");
  connect(address);
  ASSERT_TRUE(wait_until(loop, [&] { return downs > 0; }));
  EXPECT_EQ(last.code, ErrorCode::unreachable);
}

TEST_F(RedisConnectionTest, AReplyPastTheLimitBreaksIt) {
  NEEDS_REDIS();
  const RedisServer server;
  options.reply_limit = 1 << 20;
  connect(server.address());
  ASSERT_TRUE(wait_up());
  EXPECT_EQ(ask({"SETRANGE", "large", "4000000", "x"}), "");
  EXPECT_EQ(ask({"GET", "large"}), "error full");
  EXPECT_FALSE(connection->is_up());
}

TEST_F(RedisConnectionTest, MayBeDestroyedAtAnyTime) {
  NEEDS_REDIS();
  RedisServer server;
  connect(server.address());
  connection.reset();
  connect(server.address());
  ASSERT_TRUE(wait_up());
  bool second = false;
  connection->command({"PING"}, [&](const auto&) { connection.reset(); });
  connection->command({"PING"}, [&](const auto&) { second = true; });
  ASSERT_TRUE(wait_until(loop, [&] { return !connection; }));
  EXPECT_FALSE(second);

  // The same where the answer is that it broke.
  options.reply_timeout = 100'000;
  connect(server.address());
  ASSERT_TRUE(wait_up());
  server.freeze();
  connection->command({"PING"}, [&](const auto&) { connection.reset(); });
  connection->command({"PING"}, [&](const auto&) { second = true; });
  ASSERT_TRUE(wait_until(loop, [&] { return !connection; }));
  EXPECT_FALSE(second);
  server.thaw();
  connect(*parse_broker_address("a-name-to-resolve.invalid"));
  loop.run_once(false);
  connection.reset();
  loop.run_once(false);
  EXPECT_EQ(loop.open_handles(), 0);
}

TEST_F(RedisConnectionTest, DurabilityIsJudgedInPlainWords) {
  NEEDS_REDIS();
  const auto faults = [&](RedisServer::Settings settings) {
    const RedisServer server(std::move(settings));
    connect(server.address());
    EXPECT_TRUE(wait_up());
    Answer<Result<std::vector<std::string>>> answer;
    check_durability(*connection, answer.call());
    auto found = answer.wait(loop);
    connection.reset();
    EXPECT_TRUE(found);
    std::string all;
    for (const auto& fault : *found) all += fault + "|";
    return all;
  };
  EXPECT_EQ(faults({}), "");
  EXPECT_NE(faults({"--appendonly", "no"}).find("set appendonly yes"), std::string::npos);
  EXPECT_NE(faults({"--appendfsync", "everysec"}).find("every second"), std::string::npos);
  EXPECT_NE(faults({"--maxmemory-policy", "allkeys-lru"}).find("noeviction"), std::string::npos);
  EXPECT_NE(faults({"--rename-command", "CONFIG", ""}).find("cannot be read"), std::string::npos);
}

}  // namespace
}  // namespace sheepdog
