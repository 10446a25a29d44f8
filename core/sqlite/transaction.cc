// transaction.cc -- begin, commit, roll back.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "sqlite/transaction.hh"

#include <sqlite3.h>

#include <utility>

#include "sqlite/statement.hh"

namespace sheepdog {

Result<Transaction> Transaction::start(Db& db, const char* sql) {
  auto statement = db.prepare(sql);
  if (!statement) return statement.error();
  auto begun = statement->run();
  if (!begun) return begun.error();
  return Transaction(db);
}

Result<Transaction> Transaction::begin(Db& db) { return start(db, "BEGIN IMMEDIATE"); }
Result<Transaction> Transaction::begin_reading(Db& db) { return start(db, "BEGIN"); }

Transaction::Transaction(Transaction&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}

Transaction::~Transaction() { roll_back(); }

Result<> Transaction::commit() {
  if (db_ == nullptr) return Error{ErrorCode::internal, "committed twice", ""};
  auto statement = db_->prepare("COMMIT");
  if (!statement) return statement.error();
  auto done = statement->run();
  if (done) db_ = nullptr;
  else roll_back();
  return done;
}

void Transaction::roll_back() {
  // SQLite itself rolls back after some errors (disk full, I/O).
  if (db_ != nullptr && sqlite3_get_autocommit(db_->handle()) == 0)
    sqlite3_exec(db_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  db_ = nullptr;
}

}  // namespace sheepdog
