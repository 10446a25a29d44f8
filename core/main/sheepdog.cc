// sheepdog.cc -- the front: what is on the way of every cron job, and the door to everything else.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "main/cli.hh"
#include "main/front/import.hh"
#include "main/front/run.hh"
#include "main/front/send.hh"

namespace {

using namespace sheepdog;

constexpr int exit_usage = 2;

/// Where a standard stream is closed, the next file opened would take its place.
void open_standard_streams() {
  int fd = 0;
  do fd = open("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0) close(fd);
}

/// Become the program that knows the commands for which Guile or the store is needed.
int become_guile(int argc, char** argv) {
  std::array<char, PATH_MAX> self{};
  if (readlink("/proc/self/exe", self.data(), self.size() - 1) < 0)
    std::strncpy(self.data(), argv[0], self.size() - 1);
  std::string directory = self.data();
  directory.erase(directory.rfind('/') + 1);
  const auto program = directory + "../libexec/sheepdog/sheepdog-guile";
  std::vector<char*> arguments(argv, argv + argc);
  arguments.push_back(nullptr);
  execv(program.c_str(), arguments.data());
  fmt::print(stderr, "sheepdog: {}: {}; is Sheepdog installed whole?\n", program,
             std::strerror(errno));
  return exit_usage;
}

int dispatch(const cli::Parsed& parsed, int argc, char** argv) {
  if (parsed.command == "run") {
    auto options = run_options(parsed);
    if (options) return run(std::move(*options));
    fmt::print(stderr, "{}\n", options.error().text());
    return exit_usage;
  }
  if (parsed.command == "send" || parsed.command == "import") {
    std::signal(SIGPIPE, SIG_IGN);  // of the broker's connection; a write says it too
    return parsed.command == "send" ? send(parsed) : import_reports(parsed);
  }
  return become_guile(argc, argv);
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_streams();
  try {
    return dispatch(cli::parse_or_exit(cli::sheepdog_program(), argc, argv), argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "sheepdog: %s\n", e.what());
    return exit_usage;
  }
}
