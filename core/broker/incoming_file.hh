// incoming_file.hh -- leaves a report for a daemon to come, as one durable file.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hh"

namespace sheepdog {

/// A directory that a daemon will collect from.
struct IncomingDirectory {
  std::string path;
  bool everyone = false;  ///< the machine's: only root may make it, all may write there
};

/// Writes WIRE as ID.json into the first of DIRECTORIES where that works, synced, mode 0600; one
/// that is missing is made. Blocks. Answers with that directory. Error: why the last one failed.
Result<std::string> leave_report(const std::vector<IncomingDirectory>& directories,
                                 const std::string& id, std::string_view wire);

}  // namespace sheepdog
