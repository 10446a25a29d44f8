// way_taken.cc -- what the user should know of the way that reports took.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/way_taken.hh"

#include <fmt/format.h>

namespace sheepdog {

std::vector<std::string> WayTaken::remarks(std::string_view done) const {
  std::vector<std::string> lines;
  if (!trouble.empty() && !over_redis)
    lines.push_back(fmt::format("{}; {} by way of {} instead{}", trouble, done, where,
                                host_left_out
                                    ? ", under the name that the daemon there has for this host"
                                    : ""));
  if (!unattended.empty())
    lines.push_back(fmt::format("no daemon has ever run with {}; what was {} waits there until one does",
                                unattended, done));
  return lines;
}

}  // namespace sheepdog
