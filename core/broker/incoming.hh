// incoming.hh -- collects the files with reports that waited for a daemon to start.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Anyone may put a file into the machine's directory (1733: make, not list, not touch others'), so
// nothing in it is trusted: the owner of a file is who reports; links are never followed nor read,
// and what is not a file with one name goes. A file is deleted once the spool has synced it.
#pragma once

#include <dirent.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/file.hh"
#include "broker/admission.hh"
#include "broker/spool.hh"
#include "loop/lifeline.hh"
#include "loop/timer.hh"
#include "loop/worker.hh"

namespace sheepdog {

struct IncomingOptions {
  std::string directory;
  std::string host;                                  ///< what users' reports are stamped with
  bool everyone = false;                             ///< any local user may put files there
  Micros period = 10 * micros_per_second;            ///< between two looks
  std::size_t names = 100'000;                       ///< read in one pass; the next goes on there
  std::size_t files_of_owner = 1000;                 ///< in one pass; the rest waits for the next
  std::size_t bytes_of_owner = std::size_t{8} << 20;  ///< likewise
};

class Incoming {
 public:
  /// Makes the directory where it is missing. SPOOL and CLOCK must outlive this.
  static Result<std::unique_ptr<Incoming>> open(Loop& loop, const Clock& clock, Spool& spool,
                                                IncomingOptions options);
  Incoming(const Incoming&) = delete;
  Incoming& operator=(const Incoming&) = delete;

  /// Look now, and from now on every period. DONE, once the directory was seen and what was found
  /// is in the spool: how many reports went.
  void collect(std::function<void(Result<std::size_t>)> done = {});

 private:
  struct Found;
  struct Pass;
  Incoming(Loop& loop, const Clock& clock, Spool& spool, IncomingOptions options, Fd directory,
           std::unique_ptr<Worker> worker);
  void begin();
  void move_in(Pass pass);
  void remove(std::vector<std::string> names, bool more);
  void finish(Result<std::size_t> result);
  Pass look(const std::set<std::string>& stuck);

  const Clock& clock_;
  Spool& spool_;
  IncomingOptions options_;
  Fd directory_;
  std::unique_ptr<DIR, int (*)(DIR*)> reading_;  ///< the worker's: how far the last pass came
  bool busy_ = false;
  std::size_t collected_ = 0;
  bool left_ = false;      ///< since the beginning of the directory something was left there
  bool progress_ = false;  ///< ... and something was taken
  std::set<std::string> stuck_;  ///< are in the spool but cannot be deleted
  std::vector<std::function<void(Result<std::size_t>)>> waiting_;
  Timer timer_;
  std::unique_ptr<Worker> worker_;
  Lifeline lifeline_;
};

}  // namespace sheepdog
