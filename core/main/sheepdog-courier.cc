// sheepdog-courier.cc -- does one errand for a daemon, and outlives it where it must.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// A daemon that dies while it tells somebody something would not know whether it was told. So it
// sends a courier: a process of its own, which does the errand that DIRECTORY/errand holds, whatever
// becomes of the daemon, and writes what came of it into DIRECTORY/outcome. While it is under way it
// holds a lock on the errand; the next daemon waits for that. Where the lock is free and there is no
// outcome, the courier died too, and only then nobody knows.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include "base/file.hh"
#include "base/json.hh"
#include "main/courier/errand.hh"
#include "net/mail.hh"

namespace {

using sheepdog::Fd;
using sheepdog::Json;

constexpr int wrong = 1;
constexpr int not_ours = 3;  // another courier has the errand, or it was taken back

/// Whole or not at all, also when we are killed. It need not outlive the machine: the store, which
/// does, says that an attempt had begun.
sheepdog::Result<> write_outcome(const std::string& directory, const Json& outcome) {
  const std::string part = directory + "/outcome.part";
  const Fd fd(::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd) return sheepdog::errno_error(errno, part);
  if (auto written = sheepdog::write_all(fd.get(), sheepdog::to_json_text(outcome)); !written)
    return written;
  if (::rename(part.c_str(), (directory + "/outcome").c_str()) != 0)
    return sheepdog::errno_error(errno, part);
  return {};
}

/// Our standard streams are the daemon's pipes, which end with it.
void leave_streams() {
  const int null = ::open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) ::dup2(null, fd);
  if (null > 2) ::close(null);
}

int carry(const std::string& directory, const Json& errand) {
  std::signal(SIGPIPE, SIG_IGN);
  bool kept = false;
  sheepdog::do_errand(errand, [&](const Json& outcome) {
    kept = write_outcome(directory, outcome).has_value();
  });
  return kept ? 0 : wrong;
}

int main_(const std::string& directory) {
  const std::string path = directory + "/errand";
  Fd lock(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info = {};
  if (!lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0 || ::fstat(lock.get(), &info) != 0 ||
      info.st_nlink == 0)
    return not_ours;
  const auto text = sheepdog::read_file(path);
  if (!text) return fmt::print(stderr, "sheepdog-courier: {}\n", text.error().text()), wrong;
  const auto errand = sheepdog::parse_json(*text);
  if (!errand) return fmt::print(stderr, "sheepdog-courier: {}\n", errand.error().text()), wrong;

  const pid_t child = ::fork();
  if (child < 0) return wrong;
  if (child == 0) {
    ::setsid();  // what ends the daemon's children does not reach us
    leave_streams();
    return carry(directory, *errand);
  }
  lock.reset();
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : wrong;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--version")
    return fmt::print("libcurl {}\n", sheepdog::mail_library_version()), 0;
  if (argc != 2) return std::fputs("usage: sheepdog-courier DIRECTORY | --version\n", stderr), 2;
  try {
    return main_(argv[1]);
  } catch (const std::exception& e) {
    fmt::print(stderr, "sheepdog-courier: {}\n", e.what());
    return wrong;
  }
}
