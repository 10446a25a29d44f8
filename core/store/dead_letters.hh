// dead_letters.hh -- the bounded table of what could not be stored.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>

#include "sqlite/db.hh"
#include "store/batch.hh"

namespace sheepdog {

/// Part of the writer. Past LIMIT the oldest go, and are counted in meta (dead_letters_dropped).
class DeadLetters {
 public:
  DeadLetters(Db& db, std::int64_t limit) : db_(db), limit_(limit) {}

  /// Kept once, where it has an id.
  Result<> add(const DeadLetter& letter);

  /// Lets go what is too much; at the end of a transaction.
  Result<> trim();

  void forget() { count_.reset(); }

 private:
  Db& db_;
  std::int64_t limit_;
  std::optional<std::int64_t> count_;
};

/// Adds N to the counter NAME of meta.
Result<> count_in_meta(Db& db, const char* name, std::int64_t n);

}  // namespace sheepdog
