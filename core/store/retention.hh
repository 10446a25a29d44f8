// retention.hh -- lets go of what is old, a little at a time.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is old is counted from arrival. Of reports that are old, those go that nothing needs any
// more: of each run of equal observations the first and the last stay, with their reports, so
// that states and facts keep where they come from; reports that stay lose their data.
#pragma once

#include <cstdint>
#include <vector>

#include "sqlite/db.hh"

namespace sheepdog {

constexpr Micros micros_per_hour = 3600 * micros_per_second;
constexpr Micros micros_per_day = 24 * micros_per_hour;

/// States, facts, events, runs, incidents and hourly roll-ups are kept for ever.
struct RetentionSettings {
  Micros reports = 90 * micros_per_day;  ///< with their data and observations
  Micros samples = 30 * micros_per_day;  ///< then one row for each hour
  bool failed_runs = true;               ///< keep the reports of these for ever, data and all
  bool imports = true;                   ///< keep the ids of these for ever

  bool operator==(const RetentionSettings&) const = default;
};

/// For the writer's connection, on the writer's thread.
class Retention {
 public:
  Retention(Db& db, RetentionSettings settings) : db_(db), settings_(settings) {}

  /// One transaction on about ROWS reports or samples, which holds the writer for some
  /// milliseconds. True where there is more to do; else a new round begins with the next call,
  /// which need not come before an hour has passed. NOW in µs since the epoch. Errors: full, busy,
  /// io, corrupt; nothing of the step is kept then, and the same call may succeed later.
  Result<bool> step(Micros now, std::int64_t rows = 200);

 private:
  /// A report that is old.
  struct Old {
    std::int64_t id = 0;
    std::int64_t service_id = 0;
    Micros time = 0;
    bool imported = false;
    bool in_future = false;  ///< when it arrived the clock was wrong: it stays
  };

  Result<bool> step_reports(Micros now, std::int64_t rows);
  Result<std::vector<Old>> old_reports(std::int64_t after, Micros now, std::int64_t rows);
  Result<> let_go(const Old& report);
  Result<> thin_statuses(const Old& report);
  Result<> thin_facts(const Old& report);
  Result<bool> needed(const Old& report);
  Result<bool> failed_run(const Old& report);

  Result<bool> step_samples(Micros now, std::int64_t rows);
  Result<std::int64_t> last_report_before(Micros arrival);
  Result<bool> next_series();
  Result<std::int64_t> roll_up(Micros before, std::int64_t last_report, std::int64_t rows);

  Db& db_;
  RetentionSettings settings_;
  bool reports_done_ = false;  ///< in this round
  std::int64_t host_id_ = 0;   ///< the series of samples that is looked at
  std::int64_t key_id_ = 0;
};

}  // namespace sheepdog
