// redis_source_test.cc -- through Redis everything comes at least once, in order, whatever dies.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/redis_source.hh"

#include <set>

#include "broker/forwarder.hh"
#include "broker/local_source.hh"
#include "redis_server.hh"
#include "manual_clock.hh"
#include "seeded_random.hh"

namespace sheepdog {
namespace {

using testing::Answer;
using testing::PrivateDirectory;
using testing::RedisServer;
using testing::wait_until;

class RedisSourceTest : public ::testing::Test {
 protected:
  std::unique_ptr<RedisSource> source_of(const RedisServer& server, const std::string& group = "g") {
    RedisSourceOptions options;
    options.group = group;
    options.wait = 200'000;
    options.retry = 20'000;
    options.trim_period = 0;
    return std::make_unique<RedisSource>(loop, random, server.address(), options);
  }
  Source::Batch next(Source& source, std::size_t max = 1000) {
    Answer<Result<Source::Batch>> answer;
    source.next(max, answer.call());
    auto batch = answer.wait(loop);
    EXPECT_TRUE(batch) << batch.error().text();
    return *std::move(batch);
  }
  void acknowledge(Source& source, const Source::Batch& batch) {
    std::vector<EntryKey> keys;
    for (const auto& entry : batch) keys.push_back(entry.key);
    Answer<Result<>> answer;
    source.acknowledge(keys, answer.call());
    EXPECT_TRUE(answer.wait(loop));
  }
  /// Reads until COUNT entries came; acknowledges each batch.
  std::vector<std::string> read_all(Source& source, std::size_t count) {
    std::vector<std::string> bodies;
    while (bodies.size() < count) {
      const auto batch = next(source);
      for (const auto& entry : batch) bodies.push_back(entry.body.substr(0, entry.body.find(' ')));
      acknowledge(source, batch);
    }
    return bodies;
  }

  Loop loop;
  testing::SeededRandom random{3};
};

TEST_F(RedisSourceTest, ReadsFromTheBeginningWaitsAndPipelines) {
  NEEDS_REDIS();
  const RedisServer server;
  server.preload("a", 100);
  auto source = source_of(server);
  const auto first = next(*source, 30);
  ASSERT_EQ(first.size(), 30u);
  EXPECT_EQ(first[0].body, "a0");
  EXPECT_GT(first[0].arrival, 1'600'000'000 * micros_per_second);
  const auto second = next(*source, 20);
  EXPECT_EQ(second[0].body, "a30");
  acknowledge(*source, second);
  acknowledge(*source, first);
  for (int i = 50; i < 100; ++i) {
    const auto one = next(*source, 1);
    ASSERT_EQ(one.size(), 1u);
    EXPECT_EQ(one[0].body, "a" + std::to_string(i));
  }
  Answer<Result<Source::Batch>> answer;
  source->next(10, answer.call());
  for (int i = 0; i < 100; ++i) loop.run_once(false);
  EXPECT_FALSE(answer.came());
  server.preload("later", 1);
  EXPECT_EQ((*answer.wait(loop))[0].body, "later0");
}

TEST_F(RedisSourceTest, OddEntriesBecomeFaultsAndDeadLettersPass) {
  NEEDS_REDIS();
  const RedisServer server;
  server.command({"XADD", "sheepdog:reports", "*", "wrong", "value"});
  server.command({"XADD", "sheepdog:reports", "*", "dead", "bytes", "fault", "because"});
  server.command({"XADD", "sheepdog:reports", "*", "x", "y", "report", "good"});
  auto source = source_of(server);
  const auto batch = next(*source);
  ASSERT_EQ(batch.size(), 3u);
  EXPECT_EQ(batch[0].body, "wrong=value\n");
  EXPECT_NE(batch[0].fault, "");
  EXPECT_EQ(batch[1].body, "bytes");
  EXPECT_EQ(batch[1].fault, "because");
  EXPECT_EQ(batch[2].body, "good");
  EXPECT_EQ(batch[2].fault, "");
}

TEST_F(RedisSourceTest, WhatWasNotAcknowledgedComesFirstAfterARestart) {
  NEEDS_REDIS();
  const RedisServer server;
  server.preload("a", 50);
  {
    auto source = source_of(server);
    const auto first = next(*source, 10);
    next(*source, 10);
    acknowledge(*source, first);
  }
  auto source = source_of(server);
  for (int i = 10; i < 50; ++i) EXPECT_EQ(next(*source, 1)[0].body, "a" + std::to_string(i));
  source->rewind();
  EXPECT_EQ(next(*source)[0].body, "a10");
}

TEST_F(RedisSourceTest, AnEntryDeletedUnderAReaderIsAFaultNotAStop) {
  NEEDS_REDIS();
  const RedisServer server;
  server.preload("a", 2);
  const auto id = [&] {
    auto source = source_of(server);
    return next(*source)[0].key.text();
  }();
  ASSERT_EQ(server.command({"XDEL", "sheepdog:reports", id}), "1");
  auto source = source_of(server);
  const auto batch = next(*source);
  ASSERT_EQ(batch.size(), 2u);
  EXPECT_NE(batch[0].fault, "");
  EXPECT_EQ(batch[1].body, "a1");
}

TEST_F(RedisSourceTest, RedisIsKilledWhileItIsRead) {
  NEEDS_REDIS();
  RedisServer server;
  server.preload("a", 3000);
  auto source = source_of(server);
  std::vector<std::string> seen;
  for (int kills = 0; seen.size() < 3000; ++kills) {
    const auto batch = next(*source, 500);
    if (kills == 1 || kills == 3) {
      server.kill();
      loop.run_once(false);
      server.start();
    }
    for (const auto& entry : batch) seen.push_back(entry.body);
    acknowledge(*source, batch);
  }
  // In order; what an unacknowledged reply brought twice is the same entry again.
  const std::set<std::string> ids(seen.begin(), seen.end());
  EXPECT_EQ(ids.size(), 3000u);
  EXPECT_TRUE(wait_until(loop, [&] {
    return server.command({"XPENDING", "sheepdog:reports", "g"}).starts_with("0");
  }));
}

TEST_F(RedisSourceTest, AnEmptiedRedisIsBegunAnew) {
  NEEDS_REDIS();
  const RedisServer server;
  server.preload("a", 3);
  auto source = source_of(server);
  acknowledge(*source, next(*source));
  server.command({"FLUSHALL"});
  server.preload("b", 3);
  EXPECT_EQ(next(*source)[0].body, "b0");
}

TEST_F(RedisSourceTest, LargeEntriesMakeSmallerReads) {
  NEEDS_REDIS();
  const RedisServer server({"--appendonly", "no"});
  server.preload("small", 4000, 100);
  server.preload("large", 100, 1 << 20);
  server.preload("tail", 4000, 100);
  auto source = source_of(server);
  std::vector<std::string> bodies;
  std::size_t largest = 0;
  std::size_t most = 0;
  while (bodies.size() < 8100) {
    const auto batch = next(*source, 1000);
    std::size_t bytes = 0;
    for (const auto& entry : batch) {
      bytes += entry.body.size();
      bodies.push_back(entry.body.substr(0, entry.body.find(' ')));
    }
    largest = std::max(largest, bytes);
    most = std::max(most, batch.size());
    acknowledge(*source, batch);
  }
  EXPECT_EQ(most, 1000u) << "small ones come in large batches";
  EXPECT_LE(largest, std::size_t{33} << 20) << "at most the reply that broke the aim once";
  EXPECT_EQ(bodies.size(), 8100u) << "and each once";
  EXPECT_EQ(bodies[4000], "large0");
  EXPECT_EQ(bodies[4099], "large99");
}

TEST_F(RedisSourceTest, TrimsOnlyBelowWhatEveryGroupHasAcknowledged) {
  NEEDS_REDIS();
  const RedisServer server({"--appendonly", "no"});
  server.preload("a", 3000);
  auto fast = source_of(server, "fast");
  auto slow = source_of(server, "slow");
  read_all(*fast, 3000);
  const auto held = next(*slow, 1000);
  fast->trim();
  Answer<Result<Source::Batch>> pause;
  fast->next(1, pause.call());
  for (int i = 0; i < 200; ++i) loop.run_once(false);
  ASSERT_EQ(server.length(), 3000) << "one group has acknowledged nothing yet";
  acknowledge(*slow, held);
  std::size_t done = held.size();
  while (done < 2000) {
    const auto batch = next(*slow, std::min<std::size_t>(1000, 2000 - done));
    done += batch.size();
    acknowledge(*slow, batch);
  }
  const auto open = next(*slow, 10);
  fast->trim();
  ASSERT_TRUE(wait_until(loop, [&] { return server.length() < 1200; }));
  EXPECT_GE(server.length(), 1000);
  EXPECT_EQ(server.command({"XRANGE", "sheepdog:reports", open[0].key.text(), open[0].key.text()}),
            open[0].key.text() + " report a2000");
}

class ForwarderTest : public RedisSourceTest {
 protected:
  void open_spool() {
    auto opened = Spool::open(loop, clock, {directory / "spool.db", "here"});
    ASSERT_TRUE(opened);
    spool = *std::move(opened);
    local.emplace(*spool);
  }
  void close_spool() {
    forwarder.reset();
    local.reset();
    spool.reset();
  }
  void put(int from, int to) {
    std::vector<SpoolEntry> entries;
    for (int i = from; i < to; ++i) {
      SpoolEntry entry;
      entry.body = "r" + std::to_string(i);
      entries.push_back(std::move(entry));
    }
    Answer<Result<>> answer;
    spool->append(std::move(entries), answer.call());
    ASSERT_TRUE(answer.wait(loop));
  }
  void forward(const RedisServer& server) {
    ForwarderOptions options;
    options.batch = 100;
    options.shortest_pause = 20'000;
    options.longest_pause = 50'000;
    options.reply_timeout = 500'000;
    forwarder.emplace(loop, random, *local, server.address(), options);
  }
  bool emptied() {
    return wait_until(loop, [&] { return spool->usage().entries == 0; });
  }
  /// The bodies in the stream, in order, without what came twice.
  std::vector<std::string> once(const RedisServer& server) {
    const auto length = static_cast<std::size_t>(server.length());
    auto source = source_of(server);
    auto all = read_all(*source, length);
    std::set<std::string> seen;
    std::erase_if(all, [&](const auto& body) { return !seen.insert(body).second; });
    return all;
  }
  static std::vector<std::string> expected(int count) {
    std::vector<std::string> all;
    for (int i = 0; i < count; ++i) all.push_back("r" + std::to_string(i));
    return all;
  }

  PrivateDirectory directory;
  testing::ManualClock clock{1'700'000'000 * micros_per_second};
  std::unique_ptr<Spool> spool;
  std::optional<LocalSource> local;
  std::optional<Forwarder> forwarder;
};

TEST_F(ForwarderTest, MovesInOrderAndReleases) {
  NEEDS_REDIS();
  const RedisServer server;
  open_spool();
  put(0, 1000);
  forward(server);
  put(1000, 1500);
  ASSERT_TRUE(emptied());
  EXPECT_EQ(server.length(), 1500);
  EXPECT_EQ(once(server), expected(1500));
  close_spool();
}

TEST_F(ForwarderTest, BothSidesAreKilledOnTheWay) {
  NEEDS_REDIS();
  RedisServer server;
  open_spool();
  put(0, 3000);
  forward(server);
  for (int round = 0; round < 5; ++round) {
    const auto before = spool->usage().entries;
    wait_until(loop, [&] { return spool->usage().entries < before; });
    if (round % 2 == 0) {
      server.kill();
      for (int i = 0; i < 10; ++i) loop.run_once(false);
      server.start();
    } else {
      close_spool();
      open_spool();
      forward(server);
    }
  }
  ASSERT_TRUE(emptied());
  EXPECT_EQ(once(server), expected(3000)) << "nothing lost, nothing overtaken";
  close_spool();
}

TEST_F(ForwarderTest, AFullRedisIsWaitedFor) {
  NEEDS_REDIS();
  const RedisServer server;
  open_spool();
  server.command({"CONFIG", "SET", "maxmemory", "1"});
  put(0, 300);
  forward(server);
  ASSERT_TRUE(wait_until(loop, [&] {
    return forwarder->trouble().find("OOM") != std::string::npos;
  })) << forwarder->trouble();
  close_spool();
  open_spool();
  EXPECT_EQ(spool->usage().entries, 300u) << "what Redis refused was released";
  EXPECT_EQ(server.length(), 0);
  forward(server);
  server.command({"CONFIG", "SET", "maxmemory", "0"});
  ASSERT_TRUE(emptied());
  EXPECT_EQ(server.length(), 300);
  EXPECT_EQ(once(server), expected(300));
  EXPECT_EQ(forwarder->trouble(), "");
  close_spool();
}

TEST_F(ForwarderTest, ASilentRedisIsWaitedFor) {
  NEEDS_REDIS();
  RedisServer server;
  open_spool();
  put(0, 1);
  forward(server);
  ASSERT_TRUE(emptied());
  server.freeze();
  put(1, 300);
  ASSERT_TRUE(wait_until(loop, [&] { return !forwarder->trouble().empty(); }));
  EXPECT_EQ(spool->usage().entries, 299u);
  server.thaw();
  ASSERT_TRUE(emptied());
  EXPECT_EQ(once(server), expected(300));
  close_spool();
}

}  // namespace
}  // namespace sheepdog
