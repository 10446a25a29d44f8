// mail_test.cc -- a mail is taken, refused or to be tried again, and the server's words say why.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/mail.hh"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "smtp_server.hh"

namespace sheepdog {
namespace {

using testing::SmtpServer;

MailMessage mail_to(const std::string& whom) {
  MailMessage mail;
  mail.from = "sheepdog@tux01";
  mail.to = whom;
  mail.subject = "CRITICAL tux01/backup";
  mail.body = "It failed.\n.\n..\nThat is all.\n";
  mail.message_id = "notice-1@store";
  return mail;
}

/// What became of MAIL, within TIMEOUT; said once.
Result<> sent(const MailServer& server, const MailMessage& mail,
              Micros timeout = 20 * micros_per_second) {
  std::vector<Result<>> answers;
  send_mail(server, mail, timeout, [&](const Result<>& answer) { answers.push_back(answer); });
  if (answers.size() == 1) return answers[0];
  return Error{ErrorCode::internal, "answers: " + std::to_string(answers.size()), ""};
}

Result<> sent(const SmtpServer& server, Micros timeout = 20 * micros_per_second) {
  return sent(MailServer{.url = server.url(), .user = {}, .password = {}},
              mail_to("shepherd@example.org"), timeout);
}

TEST(Mail, IsTakenAsItWasMeant) {
  SmtpServer server;
  const auto mail = mail_to("Ann <ann@example.org>");
  const auto result = sent(MailServer{.url = server.url(), .user = {}, .password = {}}, mail);
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_TRUE(server.heard("MAIL FROM:<sheepdog@tux01>"));
  EXPECT_TRUE(server.heard("RCPT TO:<ann@example.org>"));
  ASSERT_EQ(server.texts().size(), 1u);
  const auto text = server.texts()[0];
  EXPECT_NE(text.find("Message-ID: <notice-1@store>\n"), std::string::npos);
  EXPECT_EQ(text.substr(text.find("\n\n") + 2), "It failed.\n.\n..\nThat is all.\n");
  EXPECT_TRUE(server.heard("QUIT"));
}

TEST(Mail, IsRefusedForGoodWithTheServersWords) {
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

TEST(Mail, IsToBeTriedAgainWhereTheServerSaysSo) {
  for (const std::string verb : {"", "MAIL", "RCPT", "DATA", "."}) {
    SmtpServer server{{verb, "451 greylisted"}};
    const auto result = sent(server);
    ASSERT_FALSE(result) << verb;
    EXPECT_EQ(result.error().code, ErrorCode::busy) << verb << result.error().text();
    server.answer(verb, verb.empty() ? "220 hello" : verb == "DATA" ? "354 now" : "250 fine");
    EXPECT_TRUE(sent(server)) << verb;
  }
}

TEST(Mail, IsToBeTriedAgainWhereTheConnectionEnds) {
  for (const std::string verb : {"", "MAIL", "DATA", "."}) {
    SmtpServer server{{verb, "close"}};
    const auto result = sent(server);
    ASSERT_FALSE(result) << verb;
    EXPECT_TRUE(is_transient(result.error().code)) << verb << result.error().text();
  }
}

TEST(Mail, NobodyAnswers) {
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

TEST(Mail, AServerThatSaysNothingIsLeftInTime) {
  for (const std::string verb : {"", "RCPT", "."}) {
    SmtpServer server{{verb, ""}};
    const auto result = sent(server, 100'000);
    ASSERT_FALSE(result) << verb;
    EXPECT_EQ(result.error().code, ErrorCode::timeout) << result.error().text();
  }
}

TEST(Mail, WhatWasTakenIsKnownBeforeTheGoodbye) {
  SmtpServer server{{"QUIT", ""}};
  const auto begin = std::chrono::steady_clock::now();
  std::optional<std::chrono::steady_clock::duration> known;
  send_mail(MailServer{.url = server.url(), .user = {}, .password = {}}, mail_to("ann@example.org"),
            micros_per_second, [&](const Result<>& answer) {
              EXPECT_TRUE(answer);
              EXPECT_FALSE(known);
              known = std::chrono::steady_clock::now() - begin;
            });
  ASSERT_TRUE(known);
  // The server never answers the goodbye, for which a second is waited.
  EXPECT_LT(*known, (std::chrono::steady_clock::now() - begin) / 2);
}

TEST(Mail, APasswordNeverTravelsInTheClearWhereItMustNot) {
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

TEST(Mail, AWrongPasswordIsDenied) {
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

TEST(Mail, AServerThatIsNoneIsRefusedAtOnce) {
  for (const std::string wrong :
       {"", "localhost", "http://localhost", "smtp://", "smtp://ann:secret@localhost",
        "smtp://localhost/path", "file:///etc/passwd", "smtp://local host"}) {
    const auto result =
        sent(MailServer{.url = wrong, .user = {}, .password = {}}, mail_to("ann@example.org"));
    ASSERT_FALSE(result) << wrong;
    EXPECT_EQ(result.error().code, ErrorCode::invalid);
    EXPECT_EQ(result.error().text().find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace sheepdog
