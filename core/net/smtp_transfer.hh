// smtp_transfer.hh -- one mail through libcurl, blocking; runs on a thread of its own.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "net/mail.hh"

namespace sheepdog {

/// Of libcurl and of what it is built on, as it is loaded.
std::string mail_library_version();

/// The connections of a transfer, so that another thread can end them.
class SmtpSockets {
 public:
  /// A new socket, or -1 where there are to be no more.
  int open(int family, int type, int protocol);
  int close(int fd);
  /// Whoever waits at one of them goes on at once, and fails.
  void cancel();
  bool cancelled();

 private:
  std::mutex mutex_;
  std::vector<int> open_;
  bool cancelled_ = false;
};

/// What is to be sent where, ready for the wire.
struct SmtpTransfer {
  MailServer server;
  std::string from;             ///< addresses alone
  std::vector<std::string> to;
  std::string text;             ///< as compose_mail made it
  Micros timeout = 0;
  SmtpSockets sockets;
};

/// Send TRANSFER and say goodbye to the server. ANSWER is called once, on this thread: as soon as it
/// is known what became of the mail, which is before this returns.
void run_smtp(SmtpTransfer& transfer, const std::function<void(Result<>)>& answer);

}  // namespace sheepdog
