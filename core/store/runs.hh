// runs.hh -- runs, put together from what is told about them in any order.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sqlite/db.hh"
#include "store/batch.hh"
#include "store/names.hh"

namespace sheepdog {

/// Part of the writer. Of several ends the run's own counts before vanished and unknown, which
/// others say about it; of equals the one whose report is later.
class Runs {
 public:
  explicit Runs(Db& db) : db_(db) {}

  Result<> tell(const Service& service, const StoredReport& report, const assertion::Run& piece);

 private:
  Result<> end(const StoredReport& report, const assertion::Run& piece);

  Db& db_;
};

}  // namespace sheepdog
