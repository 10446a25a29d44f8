// group.cc -- signal all processes of a child's group.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/group.hh"

#include <dirent.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include "base/file.hh"

namespace sheepdog {

namespace {

struct Relation {
  char state = '?';
  pid_t parent = 0;
  pid_t group = 0;
};

/// Every process that /proc shows.
std::map<pid_t, Relation> relations() {
  std::map<pid_t, Relation> found;
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(opendir("/proc"), closedir);
  if (!proc) return found;
  while (const dirent* entry = readdir(proc.get())) {
    const auto pid = static_cast<pid_t>(std::atoi(entry->d_name));
    if (pid <= 0) continue;
    const auto text = read_file(std::string("/proc/") + entry->d_name + "/stat");
    if (!text) continue;
    const auto name_end = text->rfind(')');  // the name may hold anything
    Relation r;
    if (name_end != std::string::npos &&
        std::sscanf(text->c_str() + name_end + 1, " %c %d %d", &r.state, &r.parent, &r.group) == 3)
      found[pid] = r;
  }
  return found;
}

bool descends(const std::map<pid_t, Relation>& all, pid_t pid, pid_t from) {
  for (std::size_t steps = 0; steps <= all.size(); ++steps) {
    if (pid == from) return true;
    const auto found = all.find(pid);
    if (found == all.end()) return false;
    pid = found->second.parent;
  }
  return false;
}

}  // namespace

bool signal_group(Group kind, pid_t leader, int number) {
  if (kind != Group::ours) return kill(-leader, number) == 0;
  const auto all = relations();
  bool anybody = false;
  for (const auto& [pid, relation] : all) {
    if (pid == getpid() || relation.group != getpgrp() || relation.state == 'Z') continue;
    if (!descends(all, pid, getpid())) continue;
    if (kill(pid, number) == 0) anybody = true;
  }
  return anybody;
}

bool group_lives(Group kind, pid_t leader) {
  if (kind == Group::ours) return signal_group(kind, leader, 0);
  if (kill(-leader, 0) != 0) return false;
  // An orphan that its new parent is slow to reap, or never will, counts as a member for kill.
  for (const auto& [pid, relation] : relations())
    if (relation.group == leader && relation.state != 'Z') return true;
  return false;
}

}  // namespace sheepdog
