// drop_server_test.cc -- local reporters are answered after the sync, and stamped.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <fstream>

#include "drop_server_case.hh"

namespace sheepdog {
namespace {

using testing::DropClient;
using testing::report_of;
using testing::wait_until;

class DropServerTest : public testing::DropServerCase {
 protected:
  /// What the user nobody is answered who sends LINES, as far as it fits into a pipe.
  std::string answers_of_a_user(const std::string& lines) {
    EXPECT_EQ(chmod(directory.path().c_str(), 0755), 0);
    int answers[2];
    EXPECT_EQ(pipe(answers), 0);
    const auto child = fork();
    if (child == 0) {
      if (setgid(65534) != 0 || setuid(65534) != 0) _exit(9);
      const auto fd = connect_local(options.path);
      if (!fd) _exit(8);
      fcntl(fd->get(), F_SETFL, 0);
      if (!write_all(fd->get(), lines)) _exit(7);
      shutdown(fd->get(), SHUT_WR);
      char buffer[4096];
      for (ssize_t n; (n = read(fd->get(), buffer, sizeof buffer)) > 0;)
        if (!write_all(answers[1], {buffer, static_cast<std::size_t>(n)})) _exit(6);
      _exit(0);
    }
    int code = 0;
    EXPECT_TRUE(wait_until(loop, [&] { return waitpid(child, &code, WNOHANG) == child; }));
    close(answers[1]);
    EXPECT_EQ(code, 0);
    std::string got(65536, '\0');
    const auto n = read(answers[0], got.data(), got.size());
    close(answers[0]);
    got.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    return got;
  }
};

TEST_F(DropServerTest, AnswersOnceItIsInTheSpool) {
  DropClient client(loop, options.path);
  const auto a = report_of("a");
  const auto b = report_of("b");
  ASSERT_TRUE(client.send(line(a) + "\n  \n" + line(b)));
  EXPECT_EQ(client.answer(), "ok " + a.id.text());
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(client.answer(), "error invalid: an empty line, not a report");
  EXPECT_EQ(client.answer(), "ok " + b.id.text());
  const auto all = reports();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id, a.id);
  EXPECT_EQ(all[0].host, "h") << "a privileged sender may name another host";
  EXPECT_EQ(all[0].uid, std::nullopt);
}

TEST_F(DropServerTest, FillsInWhatIsLeftOut) {
  DropClient client(loop, options.path);
  ASSERT_TRUE(client.send("{\"service\":\"a\"}\n{\"service\":\"a\"}\n"));
  const auto first = client.answer();
  const auto second = client.answer();
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
  const auto all = reports();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ("ok " + all[0].id.text(), *first);
  EXPECT_EQ(all[0].host, "here");
  EXPECT_EQ(all[0].time, clock.now());
}

TEST_F(DropServerTest, LinesMayComeInPiecesAndTheLastWithoutItsEnd) {
  DropClient client(loop, options.path);
  const auto a = report_of("a");
  const auto b = report_of("b");
  for (const char c : line(a)) ASSERT_TRUE(client.send({&c, 1}));
  ASSERT_TRUE(client.send(to_wire(b)));
  client.end_sending();
  EXPECT_EQ(client.answer(), "ok " + a.id.text());
  EXPECT_EQ(client.answer(), "ok " + b.id.text());
  EXPECT_EQ(client.answer(), std::nullopt) << "then it is closed";
  EXPECT_EQ(server->connections(), 0u);
}

TEST_F(DropServerTest, BadLinesAreAnsweredAndBecomeDeadLetters) {
  DropClient client(loop, options.path);
  const auto good = report_of("good");
  ASSERT_TRUE(client.send(std::string("nonsense\n{\"service\":3}\n{\"a\":\"\0\"}\n[]\n\xff\xfe\n", 39) +
                          line(good)));
  for (int i = 0; i < 5; ++i) {
    const auto answer = client.answer();
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->starts_with("error invalid: ")) << *answer;
  }
  EXPECT_EQ(client.answer(), "ok " + good.id.text());
  const auto all = spooled();
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(all[0].body, "nonsense");
  EXPECT_EQ(all[0].fault, "not JSON: wrong at byte 2");
  EXPECT_EQ(all[2].body, std::string("{\"a\":\"\0\"}", 9));
  EXPECT_EQ(all[5].fault, "");
}

TEST_F(DropServerTest, ALineThatIsTooLongIsCutAndTheNextOneCounts) {
  DropClient client(loop, options.path);
  const auto good = report_of("good");
  auto largest = report_of("largest");
  largest.summary = std::string(report_size_limit - to_wire(largest).size() - 13, 's');
  ASSERT_EQ(to_wire(largest).size(), report_size_limit);
  ASSERT_TRUE(client.send(std::string(2 << 20, 'x') + "\n" + line(largest) + line(good)));
  const auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->starts_with("error invalid: a line of 2097152 bytes")) << *answer;
  EXPECT_EQ(client.answer(), "ok " + largest.id.text());
  EXPECT_EQ(client.answer(), "ok " + good.id.text());
  const auto all = spooled();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].body.size(), dead_letter_limit);
  EXPECT_NE(all[0].fault, "");
}

TEST_F(DropServerTest, AFullDiskIsAnsweredAndNothingIsPretended) {
  disk_limit = 40 * 4096;
  open();
  DropClient client(loop, options.path);
  std::size_t accepted = 0;
  std::optional<std::string> answer;
  for (int i = 0; i < 100; ++i) {
    auto report = report_of("a");
    report.summary = std::string(3000, 'x');
    ASSERT_TRUE(client.send(line(report)));
    answer = client.answer();
    if (!answer || !answer->starts_with("ok ")) break;
    ++accepted;
  }
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->starts_with("error full: ")) << *answer;
  EXPECT_EQ(spooled().size(), accepted);
}

TEST_F(DropServerTest, WhoDoesNotReadTheAnswersHasToWait) {
  // Answers are longer than these lines, and nobody reads them: the sender comes to a stop while the
  // others are served.
  DropClient rude(loop, options.path);
  std::string lines;
  while (lines.size() < 60000) lines += "{}\n";
  std::size_t sent = 0;
  int turns_in_vain = 0;
  ASSERT_TRUE(wait_until(loop, [&] {
    const auto n = rude.send_some(lines);
    turns_in_vain = n > 0 ? 0 : turns_in_vain + 1;
    sent += n > 0 ? static_cast<std::size_t>(n) : 0;
    return turns_in_vain > 100 || sent > (1u << 20);
  }));
  EXPECT_LE(sent, 1u << 20);
  DropClient polite(loop, options.path);
  const auto report = report_of("polite");
  ASSERT_TRUE(polite.send(line(report)));
  EXPECT_EQ(polite.answer(), "ok " + report.id.text());
}

TEST_F(DropServerTest, TwoHundredConnectionsAtOnce) {
  std::vector<std::unique_ptr<DropClient>> clients;
  std::vector<Report> sent;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(std::make_unique<DropClient>(loop, options.path));
    sent.push_back(report_of("a"));
    ASSERT_TRUE(clients.back()->send(line(sent.back())));
  }
  for (std::size_t i = 0; i < 200; ++i) EXPECT_EQ(clients[i]->answer(), "ok " + sent[i].id.text());
  EXPECT_EQ(server->connections(), 200u);
  EXPECT_EQ(spooled().size(), 200u);
  clients.clear();
  EXPECT_TRUE(wait_until(loop, [&] { return server->connections() == 0; }));
}

TEST_F(DropServerTest, TooManyConnectionsAreToldSo) {
  options.connections = 2;
  open();
  DropClient a(loop, options.path);
  DropClient b(loop, options.path);
  ASSERT_TRUE(wait_until(loop, [&] { return server->connections() == 2; }));
  DropClient c(loop, options.path);
  EXPECT_EQ(c.answer(), "error busy: too many connections");
  EXPECT_EQ(c.answer(), std::nullopt);
}

TEST_F(DropServerTest, AStaleSocketIsReplacedALiveOneIsNot) {
  const auto second = DropServer::open(loop, clock, random, *spool, options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::busy);
  struct stat status {};
  ASSERT_EQ(stat(options.path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  server.reset();
  EXPECT_NE(stat(options.path.c_str(), &status), 0) << "its own ending removes it";

  // What a kill leaves behind: a socket that nobody listens on.
  const auto child = fork();
  if (child == 0) {
    Loop own;
    auto listener = LocalListener::open(own, options.path, 0600, [](const Fd&) {});
    _exit(listener ? 0 : 1);
  }
  int code = 0;
  ASSERT_EQ(waitpid(child, &code, 0), child);
  ASSERT_EQ(stat(options.path.c_str(), &status), 0);
  auto again = DropServer::open(loop, clock, random, *spool, options);
  ASSERT_TRUE(again) << again.error().text();
  again->reset();

  std::ofstream(options.path) << "precious";
  const auto file = DropServer::open(loop, clock, random, *spool, options);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::exists);
}

TEST_F(DropServerTest, AUserIsStampedAndHasAQuota) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  options.everyone = true;
  spool_limit = 40000;
  open();
  Report claimed = report_of("a");
  claimed.host = "here";
  claimed.uid = 0;
  std::string lines = line(claimed);
  const std::string summary(200, 'x');
  for (int i = 0; i < 100; ++i)
    lines.append(R"({"service":"b","summary":")").append(summary).append("\"}\n");
  const auto got = answers_of_a_user(lines);
  EXPECT_TRUE(got.starts_with("ok " + claimed.id.text() + "\n")) << got.substr(0, 200);
  EXPECT_TRUE(got.ends_with("error full: user 65534 has as much waiting as a user may\n"));
  const auto all = reports();
  ASSERT_GT(all.size(), 10u);
  EXPECT_LT(all.size(), 60u);
  EXPECT_EQ(all[0].host, "here");
  EXPECT_EQ(all[0].uid, 65534u);
  EXPECT_EQ(all[1].uid, 65534u);
}

TEST_F(DropServerTest, LinesThatAreTooLongCountAsWell) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  options.everyone = true;
  spool_limit = 10 * dead_letter_limit;
  open();
  DropClient client(loop, options.path);
  const auto accepted = report_of("accepted");
  ASSERT_TRUE(client.send(line(accepted)));
  ASSERT_TRUE(client.answer());
  std::string lines;
  for (int i = 0; i < 12; ++i) lines.append(report_size_limit + 1, 'x').append("\n");
  const auto got = answers_of_a_user(lines);
  EXPECT_TRUE(got.starts_with("error invalid: a line of ")) << got;
  EXPECT_TRUE(got.ends_with("error full: user 65534 has as much waiting as a user may\n")) << got;
  const auto all = spooled();
  EXPECT_EQ(all.size(), 3u) << "a quarter of the room is for two of these";
  EXPECT_EQ(all[0].body, to_wire(accepted));
}

TEST_F(DropServerTest, NothingIsLeftOnTheLoop) {
  DropClient client(loop, options.path);
  ASSERT_TRUE(client.send(line(report_of("a"))));
  loop.run_once(false);
  server.reset();
  spool.reset();
  loop.run_once(false);
  EXPECT_EQ(loop.open_handles(), 0);
}

}  // namespace
}  // namespace sheepdog
