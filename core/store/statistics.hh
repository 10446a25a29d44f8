// statistics.hh -- what SQLite is told of how values are spread, a table at a time.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sqlite/db.hh"

namespace sheepdog {

/// For the writer's connection, on the writer's thread. Without these numbers SQLite guesses in which
/// order a join is best done, and guesses wrong where one table is a thousand times another.
class Statistics {
 public:
  explicit Statistics(Db& db) : db_(db) {}

  /// Looks at one table, which holds the writer for some milliseconds however large it is. True where
  /// there are more tables in this round. A round begins where none was made yet and there are
  /// reports, or more than GROWTH times as many came as had at the last one; else nothing is done.
  /// Errors: full, busy, io, corrupt; the same call may succeed later.
  Result<bool> step(double growth);

 private:
  Result<bool> is_due(double growth);
  Result<> begin_round();

  Db& db_;
  std::vector<std::string> tables_;  ///< to be looked at in this round
  std::int64_t reports_ = 0;         ///< the last one's id when the round began
};

}  // namespace sheepdog
