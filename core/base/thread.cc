// thread.cc -- start a thread that takes no signals.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/thread.hh"

#include <csignal>
#include <system_error>
#include <utility>

namespace sheepdog {

Result<std::thread> start_thread(std::function<void()> body) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  Result<std::thread> started = Error{ErrorCode::busy, "no thread can be started", ""};
  try {
    started = std::thread(std::move(body));
  } catch (const std::system_error& e) {
    started = Error{ErrorCode::busy, "no thread can be started", e.code().message()};
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

}  // namespace sheepdog
