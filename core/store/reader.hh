// reader.hh -- questions to the store.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hh"
#include "sqlite/db.hh"
#include "sqlite/statement.hh"
#include "sqlite/transaction.hh"

namespace sheepdog {

/// Rows, one at a time. While one is open its Reader sees the store as it was at the first row;
/// closing the last one lets that go. To be closed before its Reader.
class Cursor {
 public:
  /// True where there is a row to read. Error: timeout, where the deadline came.
  Result<bool> next() { return statement_.step(); }

  /// The row; its texts and blobs until next().
  const Statement& row() const { return statement_; }
  int columns() const { return statement_.columns(); }
  Value value(int column) const { return statement_.value(column); }

 private:
  friend class Reader;
  explicit Cursor(Statement statement) : statement_(std::move(statement)) {}
  Statement statement_;
};

/// Owns a connection that cannot write; works beside a writer. For one thread at a time. Makes no
/// checkpoint wait for longer than its cursors are open.
class Reader {
 public:
  /// Error: not_found, denied (says which files must be readable), corrupt, unsupported (another
  /// schema, says what to do).
  static Result<std::unique_ptr<Reader>> open(const std::string& path);

  /// PARAMETERS are copied. The statement is prepared once for the same SQL. Error: invalid.
  Result<Cursor> select(std::string_view sql, std::span<const Value> parameters = {});

  /// All cursors see the store of this moment until the Transaction goes.
  Result<Transaction> snapshot();

  /// Cursors end with a timeout once CLOCK's monotonic time has come to DEADLINE.
  void set_deadline(const Clock& clock, Micros deadline);
  void clear_deadline() { db_.set_watch({}); }

  /// The uuid of the store, after which its consumer group is named.
  Result<std::string> uuid();

  /// For adding SQL functions.
  Db& db() { return db_; }

 private:
  explicit Reader(Db db) : db_(std::move(db)) {}
  Db db_;
};

}  // namespace sheepdog
