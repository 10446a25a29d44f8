// way_taken.hh -- which way a reporter's reports take, and why no better one.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sheepdog {

struct WayTaken {
  /// The way that is used now, for people: "redis://host:6379", "/run/sheepdog/drop",
  /// "/var/spool/sheepdog".
  std::string where;
  bool over_redis = false;
  std::string trouble;         ///< why a better way was left; empty where none was
  bool host_left_out = false;  ///< of a report; its daemon fills in its own
  std::string unattended;      ///< a state directory where a file waits and no daemon has ever run

  void redis(std::string address) {
    where = std::move(address);
    over_redis = true;
  }
  /// A socket or directory of this machine.
  void local(std::string path) {
    where = std::move(path);
    over_redis = false;
  }

  /// What the user should know, a line each: that it is not the broker that was named ("...; sent by
  /// way of ... instead", where DONE is "sent"); that nobody may ever come for the reports.
  std::vector<std::string> remarks(std::string_view done) const;
};

}  // namespace sheepdog
