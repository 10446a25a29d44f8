// spawn.hh -- start a program in a new process, without copying ours.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// libuv's uv_spawn forks, which costs more the more memory we have, drops supplementary groups,
// sets no limits and gives neither pidfd nor resource use.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/file.hh"
#include "base/result.hh"

namespace sheepdog {

struct Limit {
  int resource = RLIMIT_CORE;
  rlim_t soft = RLIM_INFINITY;
  rlim_t hard = RLIM_INFINITY;
};

/// Which process group a child belongs to.
enum class Group {
  own,      ///< a new one, led by the child
  session,  ///< a new session and group, without a terminal
  ours,     ///< the one of this process, so that it shares the terminal
};

struct SpawnOptions {
  /// The program and its arguments. A program without a slash is searched in the child's PATH.
  std::vector<std::string> argv;
  std::optional<std::vector<std::string>> environment;  ///< NAME=VALUE; ours where absent
  std::string directory;                                ///< ours where empty
  Group group = Group::own;
  std::vector<Limit> limits;
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;
  std::optional<std::vector<gid_t>> groups;  ///< supplementary ones; ours where absent
  /// All signals are unblocked and get their default action, except these, which stay ignored.
  std::vector<int> ignored_signals;
  std::vector<int> keep_open;  ///< close-on-exec descriptors that the program gets nevertheless
};

struct Spawned {
  pid_t pid = -1;
  Fd pidfd;
};

/// Why a program could not be started.
struct SpawnFault {
  int number = 0;     ///< errno
  std::string what;   ///< the object that it is about: "execute borg", "directory /export"
  bool program_missing = false;  ///< there is no such program (a shell's 127; else its 126)
};

/// Start OPTIONS.argv with STREAMS as its standard input, output and error; -1 there means ours.
/// Returns when the program runs, or with what prevented it, exactly: never a process that has
/// still to fail.
std::optional<SpawnFault> spawn(const SpawnOptions& options, const std::array<int, 3>& streams,
                                Spawned& spawned);

}  // namespace sheepdog
