// log.cc -- one line per event to standard error.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/log.hh"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <ctime>
#include <string>

namespace sheepdog::log {

namespace {

std::atomic<Level> lowest{Level::info};

int priority(Level level) {
  switch (level) {
    case Level::debug: return 7;
    case Level::info: return 6;
    case Level::notice: return 5;
    case Level::warning: return 4;
    case Level::error: return 3;
  }
  return 6;
}

std::string_view name(Level level) {
  switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::notice: return "notice";
    case Level::warning: return "warning";
    case Level::error: return "error";
  }
  return "info";
}

std::string local_time() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  char text[40];
  const auto n = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S%z", &parts);
  return {text, n};
}

/// The variable names the device and inode of what systemd connected, and is inherited by whatever is
/// started with its output elsewhere.
bool goes_to_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat error {};
  return stream != nullptr && ::fstat(STDERR_FILENO, &error) == 0 &&
         fmt::format("{}:{}", error.st_dev, error.st_ino) == stream;
}

}  // namespace

void set_level(Level level) { lowest = level; }
Level level() { return lowest; }

void write(Level level, std::string_view message) {
  if (level < lowest) return;
  std::string line = goes_to_journal() ? fmt::format("<{}>", priority(level))
                             : fmt::format("{} {:7} ", local_time(), name(level));
  for (const char c : message) {
    const auto u = static_cast<unsigned char>(c);
    if (u < 0x20 || u == 0x7f)
      line += fmt::format("\\x{:02x}", u);
    else
      line += c;
  }
  line += '\n';
  // One write a line, so that lines of several threads do not mix.
  [[maybe_unused]] const auto n = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace sheepdog::log
