// mail_message.hh -- a mail as it travels: headers and text of RFC 5322.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hh"
#include "base/result.hh"

namespace sheepdog {

/// What is said, to whom and by whom. Both addresses are "root@example.org" or "Name <root@example.org>".
struct MailMessage {
  std::string from;
  std::string to;
  std::string subject;
  std::string body;        ///< text, lines end in \n
  Micros date = 0;
  std::string message_id;  ///< "unique@host"; the same for each attempt to send the same mail
};

/// The address alone: "root@example.org". Error: invalid, where it is none of the forms above or
/// not ASCII; a line break in it would be a header of its own.
Result<std::string> mail_address(std::string_view written);

/// Headers, an empty line and the text; all of it ASCII, in short lines that end in CRLF. A subject
/// with line breaks becomes one line. Error: invalid.
Result<std::string> compose_mail(const MailMessage& mail);

}  // namespace sheepdog
