// mail.hh -- sends mail through an SMTP server, without holding up the loop.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// libcurl waits inside its own calls for the answer to the text of a mail and to QUIT, also with its
// multi interface. So each mail on its way has a thread; the answers come on the loop.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "loop/async.hh"
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
};

/// Error: invalid, where URL is written in no way that MailServer knows, or holds a password.
Result<> check_mail_server(const std::string& url);

class Mailer {
 public:
  /// Called on the loop as soon as the server has taken the mail or it is known that it did not.
  /// Errors: refused (the server said 5xx) and invalid are for good; busy (4xx), unreachable,
  /// timeout, closed may pass; denied is a matter of certificates or passwords. Where the connection
  /// ended after the whole text was sent, nobody knows whether the mail was taken.
  using Done = std::function<void(Result<>)>;

  explicit Mailer(Loop& loop);
  /// Gives up what is on its way; waits a second at most, where a name is being resolved.
  ~Mailer();

  /// Error, and DONE is not called: invalid, where this can be no mail or no server.
  Result<std::int64_t> send(const MailServer& server, const MailMessage& mail, Micros timeout,
                            Done done);
  /// DONE will not be called, and the mail is given up where that is still possible.
  void cancel(std::int64_t id);

 private:
  struct Sending;
  void look();

  Loop& loop_;
  std::mutex mutex_;  ///< of what the threads say
  std::map<std::int64_t, std::unique_ptr<Sending>> sendings_;
  std::int64_t last_ = 0;
  std::optional<Async> wake_;  ///< while there is something to wait for
  std::shared_ptr<void> alive_ = std::make_shared<char>();
};

}  // namespace sheepdog
