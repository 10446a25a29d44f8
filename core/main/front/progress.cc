// progress.cc -- a progress bar on a terminal, nothing elsewhere.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/front/progress.hh"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.hh"

namespace sheepdog {

namespace {

constexpr Micros interval = 200'000;
constexpr std::uint64_t cells = 30;

}  // namespace

Progress::Progress(const Clock& clock, int fd, std::uint64_t total)
    : clock_(clock), fd_(fd), total_(total), terminal_(isatty(fd) == 1),
      started_(clock.monotonic()) {}

void Progress::clear() {
  if (shown_) (void)write_all(fd_, "\r\033[K");
  shown_ = false;
}

std::string Progress::line(std::uint64_t done, std::uint64_t total, std::uint64_t count,
                           const char* noun, Micros elapsed) {
  std::string bar;
  if (total > 0) {
    const auto share = static_cast<double>(std::min(done, total)) / static_cast<double>(total);
    const auto full = static_cast<std::uint64_t>(share * cells);
    bar = fmt::format("[{:#<{}}{:-<{}}] {:3.0f} %  ", "", full, "", cells - full, share * 100);
  }
  const auto rate = elapsed > 0 ? static_cast<double>(count) * 1e6 / static_cast<double>(elapsed) : 0;
  return fmt::format("{}{} {}  {:.0f}/s", bar, count, noun, rate);
}

void Progress::update(std::uint64_t done, std::uint64_t count, const char* noun) {
  const auto now = clock_.monotonic();
  if (!terminal_ || now - drawn_ < interval) return;
  drawn_ = now;
  shown_ = true;
  (void)write_all(fd_, fmt::format("\r{}\033[K", line(done, total_, count, noun, now - started_)));
}

}  // namespace sheepdog
