// duration.cc -- lengths of time as people write them.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/duration.hh"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

namespace sheepdog {

namespace {

struct Unit {
  std::string_view name;
  Micros size;
};

constexpr std::array<Unit, 6> units{{{"w", 604800 * micros_per_second},
                                     {"d", 86400 * micros_per_second},
                                     {"h", 3600 * micros_per_second},
                                     {"m", 60 * micros_per_second},
                                     {"s", micros_per_second},
                                     {"ms", 1000}}};

constexpr double longest = 100.0 * 366 * 86400 * 1e6;  // a century; more is a slip of the pen

}  // namespace

Result<Micros> parse_duration(std::string_view text) {
  const Error wrong{ErrorCode::invalid,
                    "not a duration; write a number with a unit, as in 90s, 5m, 6h or 2d",
                    std::string(text.substr(0, 64))};
  if (text.empty()) return wrong;
  double total = 0;
  auto rest = text;
  while (!rest.empty()) {
    double number = 0;
    if (rest[0] < '0' || rest[0] > '9') return wrong;
    const auto [end, status] =
        std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
    if (status != std::errc{}) return wrong;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const auto length = rest.find_first_of("0123456789.");
    const auto name = rest.substr(0, length);
    rest.remove_prefix(name.size());
    double size = 0;
    if (name.empty() && rest.empty()) size = micros_per_second;
    for (const auto& unit : units)
      if (unit.name == name) size = static_cast<double>(unit.size);
    if (size == 0) return wrong;
    total += number * size;
  }
  if (total > longest) return wrong;
  return static_cast<Micros>(total);
}

std::string format_duration(Micros duration) {
  if (duration > -1000 && duration < 1000) return "under 1ms";
  if (duration < 0) return fmt::format("-{}", format_duration(-duration));
  if (duration < micros_per_second) return fmt::format("{}ms", duration / 1000);
  if (duration < 10 * micros_per_second)
    return fmt::format("{:.1f}s", static_cast<double>(duration / 100000) / 10);
  if (duration < 60 * micros_per_second) return fmt::format("{}s", duration / micros_per_second);
  for (std::size_t i = 1; i + 2 < units.size(); ++i) {
    if (duration < units[i].size) continue;
    const auto many = duration / units[i].size;
    const auto rest = duration % units[i].size / units[i + 1].size;
    return rest == 0 ? fmt::format("{}{}", many, units[i].name)
                     : fmt::format("{}{} {}{}", many, units[i].name, rest, units[i + 1].name);
  }
  return {};
}

}  // namespace sheepdog
