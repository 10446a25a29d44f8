// reader.hh -- questions to the store.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.hh"
#include "sqlite/db.hh"
#include "sqlite/transaction.hh"
#include "sqlite/value.hh"

namespace sheepdog {

class Reader;

/// The rows of one statement. To be closed before its Reader, and used by the Reader's thread.
class Cursor {
 public:
  Cursor(Cursor&& other) noexcept;
  Cursor& operator=(Cursor&&) = delete;
  ~Cursor();

  /// Calls EACH, which must not use the Reader, with the next rows, at most LIMIT, each valid during
  /// that call; false where those were the last. It gives fewer where rows come slowly. After the
  /// last row nothing is held of the store. Errors, given after the rows that were read before:
  /// timeout, where the deadline came; full, where the snapshot got old and the rows that were left
  /// were too many to keep.
  Result<bool> read(std::size_t limit, const std::function<void(RowView)>& each);

  int columns() const;

 private:
  friend class Reader;
  struct Reading;
  explicit Cursor(std::unique_ptr<Reading> reading);
  std::unique_ptr<Reading> reading_;
};

/// Of a moment of the store that a Reader holds on to.
struct SnapshotLimits {
  /// When it is this old, the rows that are still to be given are read into memory, ...
  std::chrono::microseconds age = std::chrono::seconds(55);
  /// ... which takes no longer than this, ...
  std::chrono::microseconds keeping = std::chrono::seconds(5);
  /// ... and no more bytes than this.
  std::size_t memory = 64 * 1024 * 1024;
};

/// Owns a connection that cannot write; works beside a writer. For one thread at a time.
///
/// While a cursor is at work, and from hold() to release(), all cursors see the store of one
/// moment: a snapshot. As long as it lasts, the WAL of the store cannot begin anew, and grows. So when
/// it gets old, a minute at most, the rows that its cursors have not given yet are read into memory,
/// and it goes; cursors that begin later see the store as it is then. A thread of the Reader's own
/// does that where nobody reads meanwhile. Only a statement that takes longer for a single row delays
/// it.
class Reader {
 public:
  /// CACHE_KIBIBYTES: of pages, at most. Error: not_found, denied (says which files must be
  /// readable), corrupt, unsupported (another schema, says what to do).
  static Result<std::unique_ptr<Reader>> open(const std::string& path, SnapshotLimits limits = {},
                                              int cache_kibibytes = DbOptions{}.cache_kibibytes);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// PARAMETERS are copied. The statement is prepared once for the same SQL. Error: invalid.
  Result<Cursor> select(std::string_view sql, std::span<const Value> parameters = {});

  /// Cursors see the store of this moment until release() was called as often as this.
  Result<> hold();
  void release();

  void set_limits(SnapshotLimits limits);

  /// Cursors end with a timeout once CLOCK's monotonic time has come to DEADLINE.
  void set_deadline(const Clock& clock, Micros deadline);
  void clear_deadline();

  /// They end with a timeout while STOP, which outlives the reader, is true.
  void set_stop(const std::atomic<bool>& stop);

  /// The uuid of the store, after which its consumer group is named.
  Result<std::string> uuid();

 private:
  friend class Cursor;
  using Time = std::chrono::steady_clock::time_point;

  Reader(Db db, SnapshotLimits limits);
  Result<bool> read(Cursor::Reading& reading, std::size_t limit,
                    const std::function<void(RowView)>& each);
  void close(Cursor::Reading& reading);

  // All that follow are called with the mutex held.
  bool has_snapshot() const { return transaction_.has_value() || at_work_ > 0; }
  Time retirement() const { return since_ + limits_.age; }
  bool is_late() const;
  bool may_go_on() const;
  Result<> begin_transaction();
  Result<> begin_work(Cursor::Reading& reading);
  void end_work(Cursor::Reading& reading);
  Result<bool> step(Cursor::Reading& reading);
  void retire_if_due();
  void keep_rows(Cursor::Reading& reading);
  void watch_snapshot();
  void keep_watch();

  Db db_;  ///< used, as all that is below, with the mutex held
  std::mutex mutex_;
  SnapshotLimits limits_;
  std::vector<Cursor::Reading*> readings_;  ///< in the order in which they were opened
  std::size_t at_work_ = 0;                 ///< how many of them a snapshot is needed for
  std::size_t holds_ = 0;
  std::optional<Transaction> transaction_;
  Time since_;  ///< when the snapshot was taken
  std::function<bool()> before_deadline_;
  const std::atomic<bool>* stop_asked_ = nullptr;
  std::optional<Time> keep_until_;  ///< rows are read into memory no longer than this

  std::thread keeper_;
  std::condition_variable wake_;
  bool keeper_sleeps_ = false;  ///< there was no snapshot
  bool stop_ = false;
};

}  // namespace sheepdog
