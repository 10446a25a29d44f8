// file_way.hh -- the reporter's way through files, for a daemon to come.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hh"
#include "broker/incoming_file.hh"
#include "loop/detached.hh"
#include "loop/lifeline.hh"
#include "loop/loop.hh"

namespace sheepdog {

/// Writes reports, numbered by the caller, into files, on a thread: a disk that syncs slowly must not
/// hold up the command's output, nor one that hangs our end. What is handed in meanwhile, or in the
/// same turn, goes into one file, since each file costs two syncs. The events may destroy this only
/// from a later turn.
class FileWay {
 public:
  struct Line {
    std::string_view id;  ///< of the report
    std::string_view text;
  };
  struct Events {
    /// A report when it is written, to be valid until that is copied; nothing where nobody waits for
    /// it any more. BELIEVED: about whichever host it is.
    std::function<std::optional<Line>(std::uint64_t number, bool believed)> line;
    /// In the directory that is named, or in none.
    std::function<void(const std::vector<std::uint64_t>& numbers,
                       const Result<std::string>& written)>
        written;
  };
  /// The first of DIRECTORIES, at least one, that takes a file gets it.
  FileWay(Loop& loop, std::vector<IncomingDirectory> directories, Events events)
      : loop_(loop), directories_(std::move(directories)), events_(std::move(events)) {}

  void write(std::uint64_t number);
  /// Waits for no file that is being written.
  void close() { writer_.reset(); }
  /// The directory that is tried first.
  const std::string& path() const { return directories_.front().path; }

 private:
  void write_waiting();
  void written(const std::vector<std::uint64_t>& numbers, const Result<std::string>& result);

  Loop& loop_;
  std::vector<IncomingDirectory> directories_;
  Events events_;
  std::deque<std::uint64_t> waiting_;
  bool writing_ = false;
  std::unique_ptr<Detached> writer_;
  Lifeline lifeline_;
};

}  // namespace sheepdog
