// interruptions.hh -- when services were not ok, as their states say.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Part of the writer: what changes states tells it here, in the same transaction.
#pragma once

#include <cstdint>
#include <vector>

#include "sqlite/db.hh"
#include "store/intervals.hh"

namespace sheepdog {

class Interruptions {
 public:
  using State = Interval<std::int64_t>;

  explicit Interruptions(Db& db) : db_(&db) {}

  /// SERVICE, which was ok or had no status, is not ok since SINCE, by REPORT, and nothing is later.
  Result<> begin(std::int64_t service, Micros since, std::int64_t report);

  /// SERVICE, which was not ok, is ok from UNTIL on, and nothing is later.
  Result<> end(std::int64_t service, Micros until);

  /// NEW_STATES are what SERVICE has instead of OLD_STATES, both neighbours in the order of time;
  /// what is before and after them is as it was.
  Result<> replace(std::int64_t service, const std::vector<State>& old_states,
                   const std::vector<State>& new_states);

 private:
  using Interruption = Interval<bool>;
  Result<std::vector<Interruption>> between(std::int64_t service, Micros from, Micros to);

  Db* db_;
};

}  // namespace sheepdog
