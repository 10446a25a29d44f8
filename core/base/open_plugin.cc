// open_plugin.cc -- which receivers a local user's report may reach.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/open_plugin.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace sheepdog {

namespace {

constexpr std::array<std::string_view, 4> open_plugins{"message", "run", "fact", "sample"};

}  // namespace

std::optional<std::string> closed_to_sender(const Report& report) {
  if (!report.uid || std::find(open_plugins.begin(), open_plugins.end(), report.plugin) !=
                         open_plugins.end())
    return std::nullopt;
  return fmt::format("only root may send reports for plugin {}, not user {}", report.plugin,
                     *report.uid);
}

}  // namespace sheepdog
