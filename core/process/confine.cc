// confine.cc -- limits, another user, and a filter of system calls.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/confine.hh"

#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <vector>

namespace sheepdog {

namespace {

constexpr uid_t nobody = 65534;

#if defined(__x86_64__)
constexpr unsigned architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned architecture = AUDIT_ARCH_AARCH64;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr unsigned architecture = AUDIT_ARCH_RISCV64;
#elif defined(__i386__)
constexpr unsigned architecture = AUDIT_ARCH_I386;
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
constexpr unsigned architecture = AUDIT_ARCH_PPC64LE;
#else
constexpr unsigned architecture = 0;
#endif

/// What computing with open files takes, in any libc: memory, time, waiting, its own threads.
constexpr long allowed[] = {
    SYS_read, SYS_readv, SYS_pread64, SYS_write, SYS_writev, SYS_lseek, SYS_close, SYS_fcntl, SYS_fstat,
    SYS_brk, SYS_mmap, SYS_munmap, SYS_mprotect, SYS_mremap, SYS_madvise, SYS_futex, SYS_ppoll,
    SYS_pselect6, SYS_epoll_pwait, SYS_sched_yield, SYS_sched_getaffinity, SYS_clock_gettime,
    SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_getrandom,
    SYS_getpid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getrusage, SYS_times,
    SYS_sysinfo, SYS_uname, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigsuspend,
    SYS_rt_sigtimedwait, SYS_sigaltstack, SYS_restart_syscall, SYS_membarrier, SYS_exit, SYS_exit_group,
#ifdef SYS_poll
    SYS_poll,
#endif
#ifdef SYS_select
    SYS_select,
#endif
#ifdef SYS_epoll_wait
    SYS_epoll_wait,
#endif
#ifdef SYS_time
    SYS_time,
#endif
#ifdef SYS_rseq
    SYS_rseq,
#endif
#ifdef SYS_mmap2
    SYS_mmap2,
#endif
#ifdef SYS_fstat64
    SYS_fstat64, SYS_fcntl64, SYS__llseek,
#endif
};

/// Calls of which one argument must be as it says.
struct Restricted {
  long call;
  unsigned argument;
  unsigned value;
};

sock_filter statement(unsigned code, unsigned value) {
  return {static_cast<__u16>(code), 0, 0, value};
}

sock_filter jump_if_equal(unsigned value, std::size_t yes, std::size_t no) {
  return {BPF_JMP | BPF_JEQ | BPF_K, static_cast<__u8>(yes), static_cast<__u8>(no), value};
}

/// The kernel runs this for each call: what is not allowed is EPERM.
std::vector<sock_filter> filter() {
  const unsigned refuse = SECCOMP_RET_ERRNO | EPERM;
  const auto load = [](std::size_t offset) {
    return statement(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset));
  };
  const auto end = [](unsigned verdict) { return statement(BPF_RET | BPF_K, verdict); };
  std::vector<sock_filter> program;
  // Numbers mean other calls where a process uses another architecture's.
  program.push_back(load(offsetof(seccomp_data, arch)));
  program.push_back(jump_if_equal(architecture, 1, 0));
  program.push_back(end(SECCOMP_RET_KILL_PROCESS));
  program.push_back(load(offsetof(seccomp_data, nr)));
  for (const long call : allowed) {
    program.push_back(jump_if_equal(static_cast<unsigned>(call), 0, 1));
    program.push_back(end(SECCOMP_RET_ALLOW));
  }
  const Restricted restricted[] = {
      // Its own threads may be signalled: the collector of garbage stops them, abort() is that too.
      {SYS_tgkill, 0, static_cast<unsigned>(::getpid())},
      // So a C library asks about an open file.
      {SYS_newfstatat, 3, AT_EMPTY_PATH},
      {SYS_statx, 2, AT_EMPTY_PATH},
  };
  for (const auto& [call, argument, value] : restricted) {
    program.push_back(jump_if_equal(static_cast<unsigned>(call), 0, 4));
    program.push_back(load(offsetof(seccomp_data, args) + argument * sizeof(__u64)));
    program.push_back(jump_if_equal(value, 0, 1));
    program.push_back(end(SECCOMP_RET_ALLOW));
    program.push_back(end(refuse));
  }
  program.push_back(end(refuse));
  return program;
}

Error cannot(const char* what) {
  return {ErrorCode::unsupported,
          "this kernel cannot confine a process: " + errno_error(errno, what).text(), {}};
}

Result<> limit(decltype(RLIMIT_CORE) resource, const char* what) {
  const rlimit none{0, 0};
  if (::setrlimit(resource, &none) != 0) return cannot(what);
  return {};
}

}  // namespace

void close_inherited() {
#ifdef SYS_close_range
  if (::syscall(SYS_close_range, 3U, ~0U, 0U) == 0) return;
#endif
  // An older kernel's; a limit that is none, or huge, would take minutes.
  const long open = ::sysconf(_SC_OPEN_MAX);
  const int end = static_cast<int>(open < 0 ? 65536L : std::min(open, 1048576L));
  for (int descriptor = 3; descriptor < end; ++descriptor) ::close(descriptor);
}

void stand_back() {
  // Neither is needed to answer, so where one is refused nobody need hear of it.
  ::setpriority(PRIO_PROCESS, 0, 10);
  const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  [[maybe_unused]] const auto written = ::write(file, "1000", 4);
  ::close(file);
}

Result<> confine() {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return cannot("PR_SET_PDEATHSIG");
  // What it writes to a pipe or a socket is no file.
  ::signal(SIGXFSZ, SIG_IGN);
  for (const auto& [resource, what] :
       {std::pair{RLIMIT_FSIZE, "RLIMIT_FSIZE"}, std::pair{RLIMIT_NOFILE, "RLIMIT_NOFILE"},
        std::pair{RLIMIT_NPROC, "RLIMIT_NPROC"}, std::pair{RLIMIT_CORE, "RLIMIT_CORE"}})
    if (auto limited = limit(resource, what); !limited) return limited;
  if (::geteuid() == 0 && (::setgroups(0, nullptr) != 0 || ::setresgid(nobody, nobody, nobody) != 0 ||
                           ::setresuid(nobody, nobody, nobody) != 0))
    return cannot("setresuid");
  // A change of user forgets it.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return cannot("PR_SET_PDEATHSIG");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return cannot("PR_SET_NO_NEW_PRIVS");
  if (architecture == 0) {
    errno = ENOSYS;
    return cannot("seccomp");
  }
  auto calls = filter();
  const sock_fprog program{static_cast<unsigned short>(calls.size()), calls.data()};
  // All threads that there are.
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0)
    return cannot("seccomp");
  return {};
}

}  // namespace sheepdog
