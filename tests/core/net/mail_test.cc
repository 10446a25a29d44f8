// mail_test.cc -- a mail is taken, refused or to be tried again, and the loop never waits for it.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/mail.hh"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>

#include "loop/timer.hh"
#include "smtp_server.hh"

namespace sheepdog {
namespace {

using testing::SmtpServer;

bool wait_until(Loop& loop, const std::function<bool()>& done) {
  Timer tick(loop);
  tick.every(2000, [] {});
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    loop.run_once();
  }
  return true;
}

MailMessage mail_to(const std::string& whom) {
  MailMessage mail;
  mail.from = "sheepdog@tux01";
  mail.to = {whom};
  mail.subject = "CRITICAL tux01/backup";
  mail.body = "It failed.\n.\n..\nThat is all.\n";
  mail.message_id = "notice-1@store";
  return mail;
}

class Mail : public ::testing::Test {
 protected:
  /// What became of MAIL, within TIMEOUT.
  Result<> sent(const MailServer& server, const MailMessage& mail,
                Micros timeout = 20 * micros_per_second) {
    std::optional<Result<>> answer;
    const auto id =
        mailer_.send(server, mail, timeout, [&](Result<> r) { answer = std::move(r); });
    if (!id) return id.error();
    if (!wait_until(loop_, [&] { return answer.has_value(); }))
      return Error{ErrorCode::internal, "no answer came", ""};
    return *answer;
  }
  Result<> sent(SmtpServer& server, Micros timeout = 20 * micros_per_second) {
    return sent(MailServer{.url = server.url(), .user = {}, .password = {}},
                mail_to("shepherd@example.org"), timeout);
  }

  Loop loop_;
  Mailer mailer_{loop_};
};

TEST_F(Mail, IsTakenAsItWasMeant) {
  SmtpServer server;
  auto mail = mail_to("Ann <ann@example.org>");
  mail.to.emplace_back("bob@example.org");
  const auto result = sent(MailServer{.url = server.url(), .user = {}, .password = {}}, mail);
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_TRUE(server.heard("MAIL FROM:<sheepdog@tux01>"));
  EXPECT_TRUE(server.heard("RCPT TO:<ann@example.org>"));
  EXPECT_TRUE(server.heard("RCPT TO:<bob@example.org>"));
  ASSERT_EQ(server.texts().size(), 1u);
  const auto text = server.texts()[0];
  EXPECT_NE(text.find("Message-ID: <notice-1@store>\n"), std::string::npos);
  EXPECT_EQ(text.substr(text.find("\n\n") + 2), "It failed.\n.\n..\nThat is all.\n");
  EXPECT_TRUE(wait_until(loop_, [&] { return server.heard("QUIT"); }));
}

TEST_F(Mail, IsRefusedForGoodWithTheServersWords) {
  for (const std::string verb : {"", "MAIL", "RCPT", "DATA", "."}) {
    SmtpServer server{{verb, "550-well\r\n550 5.1.1 nobody of that name"}};
    const auto result = sent(server);
    ASSERT_FALSE(result) << verb;
    EXPECT_EQ(result.error().code, ErrorCode::refused) << verb;
    EXPECT_FALSE(is_transient(result.error().code));
    EXPECT_EQ(result.error().text(),
              server.url() + ": the server says: 550 5.1.1 nobody of that name");
  }
}

TEST_F(Mail, IsToBeTriedAgainWhereTheServerSaysSo) {
  for (const std::string verb : {"", "MAIL", "RCPT", "DATA", "."}) {
    SmtpServer server{{verb, "451 greylisted"}};
    const auto result = sent(server);
    ASSERT_FALSE(result) << verb;
    EXPECT_EQ(result.error().code, ErrorCode::busy) << verb << result.error().text();
    server.answer(verb, verb.empty() ? "220 hello" : verb == "DATA" ? "354 now" : "250 fine");
    EXPECT_TRUE(sent(server)) << verb;
  }
}

TEST_F(Mail, IsToBeTriedAgainWhereTheConnectionEnds) {
  for (const std::string verb : {"", "MAIL", "DATA", "."}) {
    SmtpServer server{{verb, "close"}};
    const auto result = sent(server);
    ASSERT_FALSE(result) << verb;
    EXPECT_TRUE(is_transient(result.error().code)) << verb << result.error().text();
  }
}

TEST_F(Mail, NobodyAnswers) {
  std::string url;
  {
    const SmtpServer gone;
    url = gone.url();
  }
  const auto result =
      sent(MailServer{.url = url, .user = {}, .password = {}}, mail_to("ann@example.org"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::unreachable) << result.error().text();
  EXPECT_EQ(result.error().context, url);
}

TEST_F(Mail, AServerThatSaysNothingIsLeftInTime) {
  for (const std::string verb : {"", "RCPT", "."}) {
    SmtpServer server{{verb, ""}};
    const auto result = sent(server, 100'000);
    ASSERT_FALSE(result) << verb;
    EXPECT_EQ(result.error().code, ErrorCode::timeout) << result.error().text();
  }
}

TEST_F(Mail, TheLoopGoesOnWhileTheServerThinks) {
  // Silent at the very place where libcurl waits inside its own calls.
  SmtpServer server{{".", ""}};
  int turns = 0;
  Timer tick(loop_);
  tick.every(5000, [&] { ++turns; });
  EXPECT_FALSE(sent(server, 500'000));
  EXPECT_GT(turns, 20);
}

TEST_F(Mail, WhatWasTakenIsKnownBeforeTheGoodbye) {
  SmtpServer server{{"QUIT", ""}};
  const auto before = std::chrono::steady_clock::now();
  const auto result = sent(server);
  EXPECT_TRUE(result);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10));
}

TEST_F(Mail, OnesThatAreGivenUpAnswerNoMore) {
  SmtpServer server{{".", ""}};
  bool called = false;
  const auto id = mailer_.send(MailServer{.url = server.url(), .user = {}, .password = {}},
                               mail_to("ann@example.org"), 60 * micros_per_second,
                               [&](const Result<>&) { called = true; });
  ASSERT_TRUE(id);
  ASSERT_TRUE(wait_until(loop_, [&] { return !server.texts().empty(); }));
  mailer_.cancel(*id);
  const auto before = std::chrono::steady_clock::now();
  loop_.run();  // until the mailer waits for nothing any more
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10));
  EXPECT_FALSE(called);
}

TEST(Mailer, MayGoWhileAMailIsOnItsWay) {
  SmtpServer server{{"RCPT", ""}};
  Loop loop;
  bool called = false;
  {
    Mailer mailer(loop);
    ASSERT_TRUE(mailer.send(MailServer{.url = server.url(), .user = {}, .password = {}},
                            mail_to("ann@example.org"), 60 * micros_per_second,
                            [&](const Result<>&) { called = true; }));
    ASSERT_TRUE(wait_until(loop, [&] { return server.heard("RCPT"); }));
  }
  EXPECT_FALSE(called);
  loop.run();
  EXPECT_EQ(loop.open_handles(), 0);
}

TEST(Mailer, MayGoInItsOwnCallback) {
  SmtpServer server;
  Loop loop;
  auto mailer = std::make_unique<Mailer>(loop);
  ASSERT_TRUE(mailer->send(MailServer{.url = server.url(), .user = {}, .password = {}},
                           mail_to("ann@example.org"), 60 * micros_per_second,
                           [&](const Result<>&) { mailer.reset(); }));
  EXPECT_TRUE(wait_until(loop, [&] { return !mailer; }));
}

TEST_F(Mail, APasswordNeverTravelsInTheClearWhereItMustNot) {
  SmtpServer server{{"EHLO", "250-here\r\n250 AUTH PLAIN LOGIN"}};
  const MailServer with{.url = server.url(),
                        .user = "ann",
                        .password = "secret",
                        .encryption = MailServer::Encryption::required};
  const auto result = sent(with, mail_to("ann@example.org"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::denied) << result.error().text();
  EXPECT_EQ(result.error().text().find("secret"), std::string::npos);
  EXPECT_FALSE(server.heard("AUTH"));
}

TEST_F(Mail, AWrongPasswordIsDenied) {
  SmtpServer server{{"EHLO", "250-here\r\n250 AUTH PLAIN"}, {"AUTH", "535 no"}};
  const MailServer with{.url = server.url(), .user = "ann", .password = "secret"};
  const auto result = sent(with, mail_to("ann@example.org"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::denied) << result.error().text();
  EXPECT_EQ(result.error().text().find("secret"), std::string::npos);
  server.answer("AUTH", "334 ");
  server.answer("AGFubgBzZWNyZXQ=", "235 welcome");  // \0ann\0secret
  EXPECT_TRUE(sent(with, mail_to("ann@example.org")));
}

TEST_F(Mail, AServerThatIsNoneIsRefusedAtOnce) {
  for (const std::string wrong :
       {"", "localhost", "http://localhost", "smtp://", "smtp://ann:secret@localhost",
        "smtp://localhost/path", "file:///etc/passwd", "smtp://local host"}) {
    const auto result = mailer_.send(MailServer{.url = wrong, .user = {}, .password = {}},
                                     mail_to("ann@example.org"), micros_per_second, [](Result<>) {});
    ASSERT_FALSE(result) << wrong;
    EXPECT_EQ(result.error().code, ErrorCode::invalid);
    EXPECT_EQ(result.error().text().find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace sheepdog
