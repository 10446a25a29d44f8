// reaper.cc -- takes the status of killed children that nobody waits for any more.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/reaper.hh"

#include <sys/wait.h>

#include <optional>

#include "loop/poll.hh"

namespace sheepdog {

namespace {

struct Dying {
  Fd pidfd;
  std::optional<Poll> poll;
};

}  // namespace

void reap_later(Loop& loop, pid_t pid, Fd pidfd) {
  if (waitpid(pid, nullptr, WNOHANG) != 0) return;
  auto dying = std::make_shared<Dying>();
  dying->pidfd = std::move(pidfd);
  auto poll = Poll::open(loop, dying->pidfd.get());
  if (!poll) return;
  dying->poll.emplace(std::move(*poll));
  dying->poll->unref();
  dying->poll->start(Poll::readable, [&loop, pid, it = dying.get()](int) {
    if (waitpid(pid, nullptr, WNOHANG) != 0) loop.let_go(it);
  });
  loop.keep(std::move(dying));
}

}  // namespace sheepdog
