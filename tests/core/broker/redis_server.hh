// redis_server.hh -- a real redis-server of the test's own, on a private unix socket.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "broker/address.hh"
#include "support.hh"

namespace sheepdog::testing {

/// A test that needs Redis: skipped where it is not installed, failed in CI.
#define NEEDS_REDIS()                                                             \
  do {                                                                            \
    if (!sheepdog::testing::RedisServer::is_installed()) {                        \
      if (std::getenv("CI") != nullptr) FAIL() << "redis-server is not installed"; \
      GTEST_SKIP() << "redis-server is not installed";                            \
    }                                                                             \
  } while (false)

class RedisServer {
 public:
  using Settings = std::vector<std::string>;

  static bool is_installed() {
    static const bool found = std::system("redis-server --version >/dev/null 2>&1") == 0;
    return found;
  }

  /// Durable unless SETTINGS say otherwise; what they say comes last and wins.
  explicit RedisServer(Settings settings = {}) : settings_(std::move(settings)) { start(); }
  ~RedisServer() { kill(); }
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  void start() {
    std::vector<std::string> words{"redis-server", "--port", std::to_string(port_),
                                   "--unixsocket", socket(), "--dir", directory_.path(),
                                   "--save", "", "--appendonly", "yes", "--appendfsync", "always",
                                   "--logfile", directory_ / "redis.log"};
    words.insert(words.end(), settings_.begin(), settings_.end());
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    child_ = fork();
    if (child_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      execvp(argv[0], argv.data());
      _exit(127);
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
      const std::unique_ptr<redisContext, void (*)(redisContext*)> probe(
          redisConnectUnix(socket().c_str()), redisFree);
      if (probe && probe->err == 0) {
        auto* reply = static_cast<redisReply*>(redisCommand(probe.get(), "PING"));
        const bool ready =
            reply != nullptr && std::string_view(reply->str).find("LOADING") == std::string_view::npos;
        if (reply != nullptr) freeReplyObject(reply);
        if (ready) return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ADD_FAILURE() << "redis-server does not answer";
  }

  /// As the kernel does it: at once.
  void kill() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = 0;
  }
  /// Stops and goes on: there, but silent.
  void freeze() { ::kill(child_, SIGSTOP); }
  void thaw() { ::kill(child_, SIGCONT); }

  /// Also on a free port of the loopback, from the next start on.
  void use_tcp() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(fd, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(fd);
    port_ = ntohs(address.sin_port);
  }

  std::string socket() const { return directory_ / "redis.sock"; }
  int port() const { return port_; }
  BrokerAddress address() const {
    BrokerAddress address;
    address.path = socket();
    return address;
  }

  /// One command on a connection of its own; its reply as text: numbers, the elements of arrays
  /// flattened with spaces, errors as they are.
  std::string command(std::vector<std::string> words) const {
    const std::unique_ptr<redisContext, void (*)(redisContext*)> redis(
        redisConnectUnix(socket().c_str()), redisFree);
    if (!redis || redis->err != 0) return "not connected";
    std::vector<const char*> argv;
    std::vector<std::size_t> sizes;
    for (const auto& word : words) {
      argv.push_back(word.data());
      sizes.push_back(word.size());
    }
    const std::unique_ptr<void, void (*)(void*)> reply(
        redisCommandArgv(redis.get(), static_cast<int>(argv.size()), argv.data(), sizes.data()),
        freeReplyObject);
    return reply ? text(static_cast<redisReply*>(reply.get())) : "no reply";
  }
  long length() const { return std::atol(command({"XLEN", "sheepdog:reports"}).c_str()); }

  /// Adds COUNT reports with the bodies PREFIX0, PREFIX1, ..., each filled up to SIZE bytes.
  void preload(const std::string& prefix, int count, std::size_t size = 0) const {
    const std::unique_ptr<redisContext, void (*)(redisContext*)> redis(
        redisConnectUnix(socket().c_str()), redisFree);
    for (int i = 0; i < count; ++i) {
      std::string body = prefix + std::to_string(i);
      if (body.size() < size) body.resize(size, ' ');
      redisAppendCommand(redis.get(), "XADD sheepdog:reports * report %b", body.data(), body.size());
    }
    for (int i = 0; i < count; ++i) {
      void* reply = nullptr;
      ASSERT_EQ(redisGetReply(redis.get(), &reply), REDIS_OK);
      freeReplyObject(reply);
    }
  }

 private:
  static std::string text(const redisReply* reply) {
    if (reply->type == REDIS_REPLY_INTEGER) return std::to_string(reply->integer);
    if (reply->type != REDIS_REPLY_ARRAY)
      return reply->str == nullptr ? "" : std::string(reply->str, static_cast<std::size_t>(reply->len));
    std::string all;
    for (std::size_t i = 0; i < reply->elements; ++i)
      all += (i == 0 ? "" : " ") + text(reply->element[i]);
    return all;
  }

  PrivateDirectory directory_;
  Settings settings_;
  int port_ = 0;
  pid_t child_ = 0;
};

}  // namespace sheepdog::testing
