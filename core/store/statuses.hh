// statuses.hh -- observations of status and the intervals that they make.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Part of the writer. The order of observations is that of their times; where two have the same
// time the greater uuid of their reports counts. So the tables depend on what was observed and
// not on the order in which it arrived.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sqlite/db.hh"
#include "sqlite/statement.hh"
#include "store/interruptions.hh"
#include "store/intervals.hh"
#include "store/names.hh"

namespace sheepdog {

class Statuses {
 public:
  static Result<Statuses> open(Db& db);

  /// That REPORT spoke of SERVICE and said nothing about its status.
  Result<> mention(const Service& service, const StoredReport& report);

  /// REPORT said that SERVICE is STATUS. True where there is a change for judgement now.
  Result<bool> observe(Service& service, const StoredReport& report, Status status, bool elsewhere,
                       std::optional<std::string_view> summary);

 private:
  using StatePoint = Point<std::int64_t>;
  using State = Interval<std::int64_t>;
  struct Neighbour {
    StatePoint point;
    Uuid report;
    bool imported = false;
  };

  Statuses(Db& db, Statement insert)
      : db_(&db), insert_(std::move(insert)), interruptions_(db) {}
  Result<> load_tail(Service& service);
  Result<bool> append(Service& service, const StoredReport& report, Status status);
  Result<bool> judge_first_live(Service& service, const StoredReport& report, Status status);
  Result<bool> insert_late(const Service& service, const StoredReport& report, Status status);
  Result<std::optional<Neighbour>> neighbour(const Service& service, const StoredReport& report,
                                             const char* where);
  Result<std::vector<State>> states(const Service& service, Micros from, Micros to);
  Result<> replace(const Service& service, const std::vector<State>& old_states,
                   const std::vector<State>& new_states);

  Db* db_;
  Statement insert_;
  Interruptions interruptions_;
};

}  // namespace sheepdog
