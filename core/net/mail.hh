// mail.hh -- sends a mail through an SMTP server, and waits for it.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// libcurl waits inside its own calls for the answer to the text of a mail and to QUIT, also with its
// multi interface. So mail is sent by a process that has nothing else to do, the courier.
#pragma once

#include <functional>
#include <string>

#include "net/mail_message.hh"

namespace sheepdog {

struct MailServer {
  enum class Encryption {
    none,
    opportunistic,  ///< STARTTLS where the server offers it, whoever it is: against listeners only
    required,       ///< STARTTLS or nothing, and the server must have a certificate for its name
  };
  std::string url;       ///< smtp://host[:port], or smtps://, which is encrypted and verified always
  std::string user;      ///< empty: no authentication
  std::string password;  ///< in no error and no log
  Encryption encryption = Encryption::opportunistic;
  std::string ca_file{};  ///< PEM: who is trusted to vouch for the server; empty: the machine's own
};

/// Sends MAIL, in TIMEOUT, and says goodbye to the server. ANSWER is called once, as soon as it is
/// known what became of the mail, which is before the goodbye. Errors: refused (the server said 5xx)
/// and invalid (no such mail or server can be) are for good; busy (4xx), unreachable, timeout and
/// closed may pass; denied is a matter of certificates or passwords. Where the connection ended
/// after the whole text was sent, nobody knows whether the mail was taken.
void send_mail(const MailServer& server, const MailMessage& mail, Micros timeout,
               const std::function<void(const Result<>&)>& answer);

/// Which libcurl, with which libraries of its own.
std::string mail_library_version();

}  // namespace sheepdog
