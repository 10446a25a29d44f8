// incoming_file.hh -- leaves reports for a daemon to come, in one durable file.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hh"

namespace sheepdog {

/// A directory that a daemon will collect from.
struct IncomingDirectory {
  std::string path;
  bool everyone = false;  ///< the machine's: only root may make it, all may write there
  bool named = false;     ///< by hand: where even the place of the herd's directory is missing, that
                          ///< is a slip of the pen
};

constexpr std::size_t incoming_batch_limit = 1000;  ///< reports in one file

/// Writes TEXT, one report a line, into the first of DIRECTORIES where that works, synced, mode 0600;
/// one that is missing is made. NAME is "ID.json" for one report, "ID.jsonl" for several. Blocks.
/// Answers with that directory. Error: why the last one failed.
Result<std::string> leave_reports(const std::vector<IncomingDirectory>& directories,
                                  const std::string& name, std::string_view text);

}  // namespace sheepdog
