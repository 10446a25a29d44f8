// log.hh -- one line per event to standard error.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace sheepdog::log {

enum class Level { debug, info, notice, warning, error };

/// The lowest level that is written; info unless set.
void set_level(Level level);
Level level();

/// Write one line. Under the journal (JOURNAL_STREAM) it gets a <N> priority prefix and no time,
/// elsewhere the local time and the level's name. Control characters are escaped, so that what a
/// stranger sent cannot forge a line.
void write(Level level, std::string_view message);

template <typename... Args>
void debug(fmt::format_string<Args...> f, Args&&... args) {
  if (level() <= Level::debug) write(Level::debug, fmt::format(f, std::forward<Args>(args)...));
}
template <typename... Args>
void info(fmt::format_string<Args...> f, Args&&... args) {
  write(Level::info, fmt::format(f, std::forward<Args>(args)...));
}
template <typename... Args>
void notice(fmt::format_string<Args...> f, Args&&... args) {
  write(Level::notice, fmt::format(f, std::forward<Args>(args)...));
}
template <typename... Args>
void warning(fmt::format_string<Args...> f, Args&&... args) {
  write(Level::warning, fmt::format(f, std::forward<Args>(args)...));
}
template <typename... Args>
void error(fmt::format_string<Args...> f, Args&&... args) {
  write(Level::error, fmt::format(f, std::forward<Args>(args)...));
}

}  // namespace sheepdog::log
