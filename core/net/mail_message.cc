// mail_message.cc -- a mail as it travels.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/mail_message.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <ctime>
#include <iterator>
#include <utility>

#include "base/json.hh"
#include "base/text.hh"

namespace sheepdog {

namespace {

constexpr std::size_t line_limit = 76;  // of quoted-printable, and of encoded words with their name

Error invalid(std::string_view what, std::string_view written) {
  return {ErrorCode::invalid, fmt::format("{}: {}", what, to_json_text(Json(std::string(written)))),
          ""};
}

bool is_printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

/// Where the character that begins at I ends, in TEXT; a byte that begins none stands alone.
std::size_t character_end(std::string_view text, std::size_t i) {
  std::size_t end = i + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
  return std::min(end, i + 4);
}

/// TEXT as words of RFC 2047, each of at most 75 characters, on lines of their own.
std::string encoded_words(std::string_view text) {
  constexpr std::size_t bytes_a_word = 39;  // 52 in base64, 64 with "=?UTF-8?B?" and "?="
  std::string words;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin;
    while (end < text.size() && character_end(text, end) - begin <= bytes_a_word)
      end = character_end(text, end);
    if (!words.empty()) words += "\r\n ";
    words += "=?UTF-8?B?" + base64(text.substr(begin, end - begin)) + "?=";
    begin = end;
  }
  return words;
}

/// TEXT on one line, whatever is in it.
std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) c = ' ';
  return line;
}

/// True where LINE may stand in a header as it is.
bool is_plain(std::string_view line) {
  return is_printable_ascii(line) && line.size() < 60 && line.find("=?") == std::string_view::npos;
}

struct Mailbox {
  std::string name;
  std::string address;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Result<Mailbox> parse_mailbox(std::string_view written) {
  std::string_view name;
  std::string_view address = trimmed(written);
  const auto open = address.find('<');
  if (open != std::string_view::npos && address.back() == '>') {
    name = trimmed(address.substr(0, open));
    address = address.substr(open + 1, address.size() - open - 2);
    if (name.size() > 1 && name.front() == '"' && name.back() == '"')
      name = name.substr(1, name.size() - 2);
  }
  if (address.empty() || address.size() > 254 || !is_printable_ascii(address) ||
      address.find_first_of(" <>,;:\"()[]\\") != std::string_view::npos ||
      std::count(address.begin(), address.end(), '@') > 1 || address.front() == '@' ||
      address.back() == '@')
    return invalid("not an address for mail", written);
  return Mailbox{std::string(name), std::string(address)};
}

Result<std::string> mailbox_header(std::string_view written) {
  auto mailbox = parse_mailbox(written);
  if (!mailbox) return mailbox.error();
  if (mailbox->name.empty()) return mailbox->address;
  const std::string name = one_line(mailbox->name);
  if (!is_plain(name)) return fmt::format("{}\r\n <{}>", encoded_words(name), mailbox->address);
  std::string quoted;
  for (const char c : name) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return fmt::format("\"{}\"\r\n <{}>", quoted, mailbox->address);
}

std::string date_header(Micros time) {
  // Names of our own: strftime would use the locale's.
  static const char* const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static const char* const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = time / micros_per_second;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} +0000", days[utc.tm_wday], utc.tm_mday,
                     months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

/// BODY in quoted-printable.
std::string quoted_printable(std::string_view body) {
  std::string text;
  std::size_t column = 0;
  const auto put = [&](std::string_view piece) {
    if (column + piece.size() > line_limit - 1) {
      text += "=\r\n";
      column = 0;
    }
    text += piece;
    column += piece.size();
  };
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    const bool line_ends = i + 1 == body.size() || body[i + 1] == '\n';
    if (c == '\n') {
      text += "\r\n";
      column = 0;
    } else if ((c >= '!' && c <= '~' && c != '=') || ((c == ' ' || c == '\t') && !line_ends)) {
      put({&c, 1});
    } else {
      put(fmt::format("={:02X}", static_cast<unsigned char>(c)));
    }
  }
  if (column > 0) text += "\r\n";
  return text;
}

}  // namespace

Result<std::string> mail_address(std::string_view written) {
  auto mailbox = parse_mailbox(written);
  if (!mailbox) return mailbox.error();
  return std::move(mailbox->address);
}

Result<std::string> compose_mail(const MailMessage& mail) {
  const auto id = mail_address(mail.message_id);
  if (!id || *id != mail.message_id || id->find('@') == std::string::npos)
    return invalid("not a message id", mail.message_id);
  const auto from = mailbox_header(mail.from);
  if (!from) return from.error();
  const auto to = mailbox_header(mail.to);
  if (!to) return to.error();
  const std::string subject = one_line(mail.subject);
  std::string text;
  fmt::format_to(std::back_inserter(text),
                 "Date: {}\r\nFrom: {}\r\nTo: {}\r\nSubject: {}\r\nMessage-ID: <{}>\r\n"
                 "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                 "Content-Type: text/plain; charset=UTF-8\r\n"
                 "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
                 date_header(mail.date), *from, *to,
                 is_plain(subject) ? subject : encoded_words(subject), mail.message_id);
  return text + quoted_printable(is_utf8(mail.body)
                                     ? mail.body
                                     : parse_json(to_json_text(Json(mail.body)))->get<std::string>());
}

}  // namespace sheepdog
