// mail_message_test.cc -- whatever is said, the mail is one well-formed mail.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/mail_message.hh"

#include <gtest/gtest.h>

namespace sheepdog {
namespace {

MailMessage plain() {
  MailMessage mail;
  mail.from = "sheepdog@tux01";
  mail.to = "shepherd@example.org";
  mail.subject = "CRITICAL tux01/backup: exit 2";
  mail.body = "It failed.\n";
  mail.date = 1'700'000'000 * micros_per_second;
  mail.message_id = "notice-1@store";
  return mail;
}

std::string composed(const MailMessage& mail) {
  const auto text = compose_mail(mail);
  return text ? *text : "ERROR " + text.error().text();
}

std::string headers_of(const std::string& text) { return text.substr(0, text.find("\r\n\r\n")); }
std::string body_of(const std::string& text) { return text.substr(text.find("\r\n\r\n") + 4); }

TEST(MailMessage, HasTheHeadersThatOthersLookFor) {
  EXPECT_EQ(composed(plain()),
            "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
            "From: sheepdog@tux01\r\n"
            "To: shepherd@example.org\r\n"
            "Subject: CRITICAL tux01/backup: exit 2\r\n"
            "Message-ID: <notice-1@store>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=UTF-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "It failed.\r\n");
}

TEST(MailMessage, ALineBreakInTheSubjectIsNoHeader) {
  auto mail = plain();
  mail.subject = "all well\r\nBcc: everybody@example.org\n\nand a text";
  EXPECT_NE(composed(mail).find("Subject: all well  Bcc: everybody@example.org  and a text\r\n"),
            std::string::npos);
}

TEST(MailMessage, ALineBreakInAnAddressIsRefused) {
  for (const std::string wrong :
       {"a@b\r\nBcc: c@d", "a@b>\r\nX: y", "Name\n <a@b\n>", "a@b, c@d", "", "a b@c", "@", "a@",
        "grüße@example.org", "<a@b> c"}) {
    EXPECT_FALSE(mail_address(wrong)) << wrong;
    auto to = plain();
    to.to = wrong;
    EXPECT_FALSE(compose_mail(to)) << wrong;
    auto from = plain();
    from.from = wrong;
    EXPECT_FALSE(compose_mail(from)) << wrong;
    auto id = plain();
    id.message_id = wrong;
    EXPECT_FALSE(compose_mail(id)) << wrong;
  }
}

TEST(MailMessage, AnAddressMayHaveAName) {
  EXPECT_EQ(*mail_address("The \"Dog\" <dog@example.org>"), "dog@example.org");
  EXPECT_EQ(*mail_address("root"), "root");
  auto mail = plain();
  mail.from = "Shepherd, Ann\r\nBcc: x <ann@example.org>";
  mail.to = "Jürgen <j@example.org>";
  const auto headers = headers_of(composed(mail));
  EXPECT_NE(headers.find("From: \"Shepherd, Ann  Bcc: x\"\r\n <ann@example.org>\r\n"),
            std::string::npos)
      << headers;
  EXPECT_NE(headers.find("To: =?UTF-8?B?SsO8cmdlbg==?=\r\n <j@example.org>\r\n"),
            std::string::npos)
      << headers;
}

TEST(MailMessage, ASubjectThatIsLongOrNotAsciiTravelsInWords) {
  auto mail = plain();
  mail.subject = "KRITISCH tux01/sicherung: kein Platz mehr für die Bücher — 0 Byte frei, seit März";
  const auto headers = headers_of(composed(mail));
  // No word cuts a character in two: each decodes alone.
  EXPECT_NE(headers.find("Subject: =?UTF-8?B?S1JJVElTQ0ggdHV4MDEvc2ljaGVydW5nOiBrZWluIFBsYXR6IG1l?=\r\n"
                         " =?UTF-8?B?aHIgZsO8ciBkaWUgQsO8Y2hlciDigJQgMCBCeXRlIGZyZWksIHNl?=\r\n"
                         " =?UTF-8?B?aXQgTcOkcno=?=\r\n"),
            std::string::npos)
      << headers;
  mail.subject = std::string(2000, 'x');
  for (std::size_t begin = 0, end = 0; begin < composed(mail).size(); begin = end + 2) {
    end = composed(mail).find("\r\n", begin);
    EXPECT_LE(end - begin, 78u);
  }
}

TEST(MailMessage, TheTextComesThroughWhateverIsInIt) {
  auto mail = plain();
  mail.body = "1 = 1 \n\tüber\r\n.\n" + std::string("nul\0bel\a", 8) + std::string(80, 'x') + "\n\xFF";
  EXPECT_EQ(body_of(composed(mail)),
            "1 =3D 1=20\r\n\t=C3=BCber=0D\r\n.\r\nnul=00bel=07" + std::string(63, 'x') + "=\r\n" +
                std::string(17, 'x') + "\r\n=EF=BF=BD\r\n");
}

}  // namespace
}  // namespace sheepdog
