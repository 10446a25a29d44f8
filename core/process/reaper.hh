// reaper.hh -- takes the status of killed children that nobody waits for any more.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include "base/file.hh"
#include "loop/loop.hh"

namespace sheepdog {

/// Reap PID, a child of ours, once PIDFD says that it has ended, however long that takes. Does not
/// keep LOOP running; a child that outlives it is left to whoever reaps ours.
void reap_later(Loop& loop, pid_t pid, Fd pidfd);

}  // namespace sheepdog
