// db.hh -- one connection to an SQLite database.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// A connection and its statements belong to one thread at a time. Statements must go before their Db.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hh"
#include "base/result.hh"

struct sqlite3;
struct sqlite3_stmt;

namespace sheepdog {

/// Of SQLite, as it is loaded.
std::string_view sqlite_library_version();

/// From now on SQLite uses no more than BYTES of memory in this process, 0: as it likes. What needs
/// more fails: full.
void limit_sqlite_memory(std::int64_t bytes);

/// For a process that writes much: SQLite keeps no account of its memory, for which it would take a
/// lock with each piece; limit_sqlite_memory then limits nothing. Before the first database is opened.
void let_sqlite_not_count_memory();

class Statement;

struct DbOptions {
  Micros busy_timeout = 5 * micros_per_second;  ///< how long to wait for another writer
  int cache_kibibytes = 8192;                   ///< of pages, at most
  std::size_t idle_statements = 128;            ///< prepared ones kept for the next prepare
};

class Db {
 public:
  /// Opens or creates PATH for reading and writing: WAL, synchronous=FULL, foreign keys. The WAL
  /// stays when the last connection closes, so that those who may only read can still open it.
  static Result<Db> open(const std::string& path, DbOptions options = {});

  /// Opens PATH, which must exist, for reading; works beside a writer. Error: not_found, denied,
  /// corrupt (not a database), each saying what to do.
  static Result<Db> open_read_only(const std::string& path, DbOptions options = {});

  Db(Db&&) noexcept;
  Db& operator=(Db&&) noexcept;
  ~Db();

  /// Runs every statement in SQL; rows are thrown away.
  Result<> exec(const std::string& sql);

  /// One statement, taken from the cache where the same text was prepared before.
  Result<Statement> prepare(std::string_view sql);

  /// The first column of the first row of SQL as an integer; not_found where there is none.
  Result<std::int64_t> integer(std::string_view sql);

  Result<int> user_version();
  Result<> set_user_version(int version);

  std::int64_t last_rowid() const;
  std::int64_t changes() const;  ///< rows changed by the last statement

  /// Asked every few thousand steps of a running statement; false aborts it with a timeout.
  /// An empty function asks nothing.
  void set_watch(std::function<bool()> may_go_on);

  const std::string& path() const;

  /// For what this face does not offer (checkpoints, tests); never closed by the caller.
  sqlite3* handle() const;

 private:
  friend class Statement;
  friend class Transaction;
  struct Connection;
  explicit Db(std::unique_ptr<Connection> connection);
  static Result<Db> connect(const std::string& path, int flags, const DbOptions& options);

  std::unique_ptr<Connection> connection_;
};

/// The Error of SQLite's extended result CODE on DATABASE (may be null), about CONTEXT.
Error sqlite_error(int code, sqlite3* database, std::string context);

}  // namespace sheepdog
