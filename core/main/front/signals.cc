// signals.cc -- the signals that a wrapper passes on.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/front/signals.hh"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

namespace sheepdog {

WrapperSignals::WrapperSignals() {
  sigset_t passed_on;
  sigemptyset(&passed_on);
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action {};
    const bool ignored = sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
    if (ignored && number != SIGCHLD) ignored_.push_back(number);
    const bool wanted =
        number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT;
    if (wanted && !ignored) sigaddset(&passed_on, number);
  }
  sigprocmask(SIG_SETMASK, &passed_on, nullptr);
  fd_.reset(signalfd(-1, &passed_on, SFD_CLOEXEC | SFD_NONBLOCK));
  // A reader that goes away is seen by the write; children that are ignored cannot be waited for.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGCHLD, SIG_DFL);
}

void WrapperSignals::watch(Loop& loop, std::function<void(int, bool)> f) {
  f_ = std::move(f);
  auto poll = Poll::open(loop, fd_.get());
  if (!poll) return;
  poll_.emplace(std::move(*poll));
  poll_->start(Poll::readable, [this](int) { read(); });
}

void WrapperSignals::read() {
  signalfd_siginfo info{};
  while (::read(fd_.get(), &info, sizeof info) == sizeof info)
    f_(static_cast<int>(info.ssi_signo), info.ssi_code == SI_KERNEL);
}

}  // namespace sheepdog
