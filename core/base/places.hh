// places.hh -- where a herd of one keeps what it has: one state directory, one name for each file.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

namespace sheepdog {

/// All paths are absolute. Two state directories never share a file.
struct Places {
  std::string state_dir;
  std::string drop;      ///< socket where reporters hand in reports
  std::string incoming;  ///< directory of reports that waited for a daemon, one file each
  std::string spool;     ///< database of reports on their way
  std::string store;     ///< database of what they meant
  std::string ask;       ///< socket where a daemon is asked questions
  std::string repl;      ///< socket of the living daemon's REPL
  std::string queue_repl;  ///< the queue daemon's
  std::string lock;        ///< held by the one daemon that owns spool and socket
  std::string store_lock;  ///< held by the one daemon that writes the store
};

/// The places of STATE_DIR. The machine's own (/var/lib/sheepdog) has its socket in /run/sheepdog
/// and its incoming directory in /var/spool/sheepdog, where every user can reach them.
Places places_of(const std::string& state_dir);

/// The state directory: GIVEN, else $SHEEPDOG_STATE_DIR, else /var/lib/sheepdog for root and
/// $XDG_STATE_HOME/sheepdog (~/.local/state/sheepdog) for others. A user without a home has none.
std::optional<std::string> state_dir(const std::string& given);

constexpr const char* machine_state_dir = "/var/lib/sheepdog";

}  // namespace sheepdog
