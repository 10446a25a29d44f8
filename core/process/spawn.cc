// spawn.cc -- start a program in a new process, without copying ours.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/spawn.hh"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <memory>

extern char** environ;

namespace sheepdog {

namespace {

constexpr std::size_t stack_size = 64 * 1024;
constexpr const char* default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

#ifdef SYS_setresuid32
constexpr long set_uid = SYS_setresuid32, set_gid = SYS_setresgid32, set_groups = SYS_setgroups32;
#else
constexpr long set_uid = SYS_setresuid, set_gid = SYS_setresgid, set_groups = SYS_setgroups;
#endif

enum class Step { none, group, streams, limits, groups, gid, uid, directory, execute };

/// All that the child needs, made before it exists: sharing our memory, it must not allocate.
struct Plan {
  const SpawnOptions* options;
  std::array<int, 3> streams;
  std::vector<std::string> paths;  ///< where the program may be, in this order
  std::vector<char*> argv;
  std::vector<char*> shell_argv;  ///< /bin/sh PATH ARG..., for a script without an interpreter line
  std::vector<char*> environment;
  Step failed = Step::none;
  int number = 0;
};

char* text(const std::string& s) { return const_cast<char*>(s.c_str()); }

// glibc's setuid and its like tell all threads of the process, which here would be our own.
bool take_user(const SpawnOptions& o, Plan& plan) {
  if (o.groups) {
    plan.failed = Step::groups;
    if (syscall(set_groups, o.groups->size(), o.groups->data()) != 0) return false;
  }
  if (o.gid) {
    plan.failed = Step::gid;
    if (syscall(set_gid, *o.gid, *o.gid, *o.gid) != 0) return false;
  }
  if (o.uid) {
    plan.failed = Step::uid;
    if (syscall(set_uid, *o.uid, *o.uid, *o.uid) != 0) return false;
  }
  return true;
}

void reset_signals(const SpawnOptions& o) {
  // First the actions, then the mask: with our memory, no handler of ours may run here.
  struct sigaction action {};
  for (int number = 1; number < _NSIG; ++number) {
    action.sa_handler = SIG_DFL;
    for (const int ignored : o.ignored_signals)
      if (ignored == number) action.sa_handler = SIG_IGN;
    sigaction(number, &action, nullptr);
  }
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

/// What execvp does, with the path and the memory of PLAN.
void execute(Plan& plan) {
  int kept = ENOENT;
  for (const auto& path : plan.paths) {
    execve(path.c_str(), plan.argv.data(), plan.environment.data());
    if (errno == ENOEXEC) {
      plan.shell_argv[1] = text(path);
      execve("/bin/sh", plan.shell_argv.data(), plan.environment.data());
    }
    const bool look_further = errno == ENOENT || errno == ENOTDIR || errno == EACCES;
    if (errno != ENOENT && (errno != ENOTDIR || plan.paths.size() == 1)) kept = errno;
    if (!look_further) break;
  }
  errno = kept;
}

bool prepare(Plan& plan) {
  const auto& o = *plan.options;
  plan.failed = Step::group;
  if (o.group == Group::own && setpgid(0, 0) != 0) return false;
  if (o.group == Group::session && setsid() < 0) return false;
  plan.failed = Step::streams;
  for (int i = 0; i < 3; ++i) {
    const int fd = plan.streams[static_cast<std::size_t>(i)];
    if (fd >= 0 && dup2(fd, i) < 0) return false;
  }
  for (const int fd : o.keep_open)
    if (fcntl(fd, F_SETFD, 0) < 0) return false;
  plan.failed = Step::limits;
  for (const auto& limit : o.limits) {
    const rlimit value{limit.soft, limit.hard};
    if (setrlimit(static_cast<__rlimit_resource_t>(limit.resource), &value) != 0) return false;
  }
  if (!take_user(o, plan)) return false;
  plan.failed = Step::directory;
  return o.directory.empty() || chdir(o.directory.c_str()) == 0;
}

/// The child: our memory, a stack of its own, and we sleep until it has become the program or ended.
__attribute__((no_sanitize("address", "undefined"))) int become(void* argument) {
  auto& plan = *static_cast<Plan*>(argument);
  reset_signals(*plan.options);
  if (prepare(plan)) {
    plan.failed = Step::execute;
    execute(plan);
  }
  plan.number = errno;
  _exit(127);
}

std::vector<std::string> candidates(const std::string& program, const char* path) {
  if (program.find('/') != std::string::npos) return {program};
  std::vector<std::string> found;
  if (program.empty()) return found;
  const std::string list = path ? path : default_path;
  std::size_t from = 0;
  while (true) {
    const auto to = list.find(':', from);
    const auto directory = list.substr(from, to == std::string::npos ? to : to - from);
    found.push_back(directory.empty() ? program : directory + "/" + program);
    if (to == std::string::npos) return found;
    from = to + 1;
  }
}

std::string describe(const Plan& plan) {
  const auto& o = *plan.options;
  switch (plan.failed) {
    case Step::group: return "process group";
    case Step::streams: return "standard streams";
    case Step::limits: return "resource limits";
    case Step::groups: return "supplementary groups";
    case Step::gid: return "group " + std::to_string(*o.gid);
    case Step::uid: return "user " + std::to_string(*o.uid);
    case Step::directory: return "directory " + o.directory;
    default: return o.argv[0];
  }
}

}  // namespace

std::optional<SpawnFault> spawn(const SpawnOptions& options, const std::array<int, 3>& streams,
                                Spawned& spawned) {
  if (options.argv.empty()) return SpawnFault{EINVAL, "an empty command", true};
  Plan plan{&options, streams, {}, {}, {}, {}};
  const char* path = nullptr;
  if (options.environment) {
    for (const auto& entry : *options.environment) {
      plan.environment.push_back(text(entry));
      if (entry.starts_with("PATH=")) path = entry.c_str() + 5;
    }
  } else {
    for (char** entry = environ; *entry; ++entry) plan.environment.push_back(*entry);
    path = getenv("PATH");
  }
  plan.environment.push_back(nullptr);
  plan.paths = candidates(options.argv[0], path);
  static char shell[] = "/bin/sh";
  plan.shell_argv = {shell, nullptr};
  for (const auto& argument : options.argv) plan.argv.push_back(text(argument));
  plan.argv.push_back(nullptr);
  plan.shell_argv.insert(plan.shell_argv.end(), plan.argv.begin() + 1, plan.argv.end());

  const auto stack = std::make_unique_for_overwrite<char[]>(stack_size);
  auto* top = reinterpret_cast<char*>(reinterpret_cast<std::uintptr_t>(stack.get() + stack_size) &
                                      ~std::uintptr_t{15});
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int pidfd = -1;
  const pid_t pid =
      clone(become, top, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &plan, &pidfd);
  const int clone_number = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);

  if (pid < 0) return SpawnFault{clone_number, "new process", false};
  spawned.pid = pid;
  spawned.pidfd.reset(pidfd);
  if (plan.number == 0) return std::nullopt;

  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  spawned = {};
  return SpawnFault{plan.number, describe(plan),
                    plan.failed == Step::execute && plan.number == ENOENT};
}

}  // namespace sheepdog
