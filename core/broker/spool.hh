// spool.hh -- the durable queue of what was accepted and has not been passed on yet.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The loop's face of the spool: every call answers in a later turn, in the order of the calls, from
// one worker thread that owns the database. Destroying it drops the answers that are due; what was
// not answered may or may not be in the spool.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/spool_file.hh"
#include "loop/lifeline.hh"
#include "loop/worker.hh"

namespace sheepdog {

class Spool {
 public:
  using Done = std::function<void(Result<>)>;

  /// Reads or makes the database before it returns. CLOCK is used on the worker's thread.
  static Result<std::unique_ptr<Spool>> open(Loop& loop, const Clock& clock, SpoolOptions options);
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// Accept ENTRIES, all or none: DONE is called when they are on the disk. What is appended
  /// meanwhile shares one sync. Error: full (no room on the disk: the same may succeed later).
  void append(std::vector<SpoolEntry> entries, Done done);

  /// What comes after the key AFTER (0: everything), at most MAX entries and, but for the first,
  /// MAX_BYTES; nothing where there is nothing.
  void take(std::int64_t after, std::size_t max, std::size_t max_bytes,
            std::function<void(Result<std::vector<Entry>>)> answer);

  /// Forget KEYS, ascending: they were passed on. A crash may bring them back.
  void release(std::vector<std::int64_t> keys, Done done);

  void open_runs(std::function<void(Result<std::vector<OpenRun>>)> answer);

  /// F is called after each append that succeeded. One listener; an empty function ends it.
  void on_arrival(std::function<void()> f) { arrived_ = std::move(f); }

  /// As of the last answer.
  const SpoolUsage& usage() const { return usage_; }
  /// What UID has in the spool and on the way to it.
  std::size_t held_by(std::uint32_t uid) const;
  std::size_t limit() const { return limit_; }
  const std::string& id() const { return id_; }

 private:
  struct Append {
    std::vector<SpoolEntry> entries;
    Done done;
  };
  Spool(std::unique_ptr<Worker> worker, SpoolFile file, std::size_t limit);
  void append_waiting();
  void appended(const std::vector<Append>& group, const Result<>& result);
  template <typename Work, typename Answer>
  void submit(Work work, Answer answer);

  SpoolFile file_;  ///< the worker's, but for the constructor
  std::size_t limit_;
  SpoolUsage usage_;
  std::string id_;
  std::map<std::uint32_t, std::size_t> arriving_;  ///< bytes by user on the way to the file
  std::deque<Append> waiting_;
  bool appending_ = false;
  std::function<void()> arrived_;
  std::unique_ptr<Worker> worker_;
  Lifeline lifeline_;
};

}  // namespace sheepdog
