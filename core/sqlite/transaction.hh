// transaction.hh -- all or nothing.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.hh"
#include "sqlite/db.hh"

namespace sheepdog {

/// Rolled back when destroyed, unless committed. Transactions do not nest.
class Transaction {
 public:
  /// Takes the writer's lock at once, so that nothing inside fails because of another writer.
  static Result<Transaction> begin(Db& db);

  /// For reading: one snapshot from the first statement to the end.
  static Result<Transaction> begin_reading(Db& db);

  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  /// Where this fails nothing of the transaction is kept.
  Result<> commit();

 private:
  explicit Transaction(Db& db) : db_(&db) {}
  static Result<Transaction> start(Db& db, const char* sql);
  void roll_back();

  Db* db_;
};

}  // namespace sheepdog
