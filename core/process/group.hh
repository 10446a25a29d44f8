// group.hh -- signal all processes of a child's group.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include "process/spawn.hh"

namespace sheepdog {

/// Send the signal NUMBER (0: none, only ask) to the group of the child LEADER, a pid, that was started
/// as KIND. In a group of ours these are LEADER and those of our descendants that stayed in our group,
/// but not we ourselves. True where somebody was there whom we may signal. Never fails otherwise;
/// for a group of ours it reads all of /proc.
bool signal_group(Group kind, pid_t leader, int number);

/// True where a process of that group still runs; a zombie does not. Reads all of /proc.
bool group_lives(Group kind, pid_t leader);

}  // namespace sheepdog
