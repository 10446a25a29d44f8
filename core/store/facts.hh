// facts.hh -- observations of facts and the intervals that they make.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Part of the writer. The order of observations is that of their reports' times, and of their
// uuids where these are equal. A complete set of facts (fact_set) is one row; a row in
// fact_observation follows only for what it says otherwise than what was in force just before. So
// a set without a row of its own for a key means «as before», and two things keep that true when
// an observation arrives late and changes what was before the next set:
//   - that set had no row for the key: it gets one, with the value that was in force there;
//   - that set had a row, and the value is now in force before it anyway: the row goes.
// What is stored is thus a function of what was observed, in whatever order it arrived.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sqlite/db.hh"
#include "sqlite/value.hh"
#include "store/intervals.hh"
#include "store/names.hh"

namespace sheepdog {

/// What one report says about the facts of one host, all of it.
struct SaidFacts {
  struct One {
    std::int64_t key_id = 0;
    Value value;          ///< NULL: there is none
    bool in_set = false;  ///< said by a complete set alone
  };
  std::vector<One> facts;             ///< each key once
  std::vector<std::string> prefixes;  ///< under which these are all there are
};

class Facts {
 public:
  Facts(Db& db, Names& names) : db_(db), names_(names) {}

  /// Fills in what HOST remembers of its facts.
  Result<> look_up(Host& host);

  Result<> observe(Host& host, const StoredReport& report, SaidFacts said);

 private:
  using FactPoint = Point<Value>;
  using FactInterval = Interval<Value>;
  /// A place in the order of observations.
  struct Place {
    Micros time = 0;
    Uuid uuid;
    auto operator<=>(const Place&) const = default;
  };
  struct Row {
    Place place;
    std::int64_t report_id = 0;
    Value value;
    bool in_set = false;
  };
  struct Subject {
    std::int64_t host_id = 0;
    std::int64_t key_id = 0;
  };

  Result<> add_set(Host& host, const StoredReport& report, const std::string& prefix);
  Result<> end_others(const Host& host, bool newest, SaidFacts& said);
  Result<> append(Subject subject, const StoredReport& report, const SaidFacts::One& one);
  Result<> insert_late(const Host& host, const StoredReport& report, const SaidFacts::One& one);
  Result<> insert_row(Subject subject, Micros time, std::int64_t report_id, bool in_set,
                      const Value& value);
  Result<std::optional<Row>> row(Subject subject, const StoredReport& report, const char* where,
                                 bool forwards);
  Result<std::optional<Row>> next_set(const Host& host, std::int64_t key_id,
                                      const StoredReport& report);
  Result<> rewrite(Subject subject, const StoredReport& report);
  Result<std::vector<FactInterval>> intervals(Subject subject, Micros from, Micros to);
  Result<> replace(Subject subject, const std::vector<FactInterval>& old_facts,
                   const std::vector<FactInterval>& new_facts);

  Db& db_;
  Names& names_;
};

}  // namespace sheepdog
