// retention_samples.cc -- makes hourly roll-ups of old samples.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "sqlite/statement.hh"
#include "store/retention.hh"

namespace sheepdog {

/// The last report that arrived before ARRIVAL; arrival ascends with report_id, so that it is
/// found by halving.
Result<std::int64_t> Retention::last_report_before(Micros arrival) {
  auto last = db_.integer("SELECT coalesce(max(report_id), 0) FROM report");
  if (!last) return last;
  auto select = db_.prepare(
      "SELECT arrival < ? FROM report WHERE report_id >= ? ORDER BY report_id LIMIT 1");
  if (!select) return select.error();
  std::int64_t low = 0;  // arrived before
  std::int64_t high = *last + 1;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    auto row = select->with(arrival, middle).step();
    if (!row) return row.error();
    if (*row && select->integer(0) != 0) low = middle;
    else high = middle;
  }
  return low;
}

/// Goes on to the next host and key that have samples; false where there is none.
Result<bool> Retention::next_series() {
  auto select = db_.prepare(
      "SELECT host_id, key_id FROM sample WHERE (host_id, key_id) > (?, ?) "
      "ORDER BY host_id, key_id LIMIT 1");
  if (!select) return select.error();
  auto row = select->with(host_id_, key_id_).step();
  if (!row) return row;
  if (*row) {
    host_id_ = select->integer(0);
    key_id_ = select->integer(1);
  } else {
    host_id_ = key_id_ = 0;
  }
  return row;
}

/// Rolls up to about ROWS of the series' oldest samples up; how many there were.
Result<std::int64_t> Retention::roll_up(Micros before, std::int64_t last_report,
                                        std::int64_t rows) {
  // Whole instants, so that the time alone says where to stop.
  auto bound = db_.prepare(
      "SELECT time FROM sample WHERE host_id = ? AND key_id = ? AND time < ? AND report_id <= ? "
      "ORDER BY time LIMIT 1 OFFSET ?");
  if (!bound) return bound.error();
  auto far = bound->with(host_id_, key_id_, before, last_report, rows).step();
  if (!far) return far.error();
  const Micros end = *far ? bound->integer(0) + 1 : before;
  bound->reset();
  auto add = db_.prepare(
      "INSERT INTO sample_hour(host_id, key_id, hour, n, min, max, sum) "
      "SELECT host_id, key_id, time / 3600000000 * 3600000000, count(*), min(value), max(value), "
      "sum(value) FROM sample "
      "WHERE host_id = ? AND key_id = ? AND time < ? AND report_id <= ? GROUP BY 3 "
      "ON CONFLICT DO UPDATE SET n = n + excluded.n, min = min(min, excluded.min), "
      "max = max(max, excluded.max), sum = sum + excluded.sum");
  if (!add) return add.error();
  auto added = add->run(host_id_, key_id_, end, last_report);
  if (!added) return added.error();
  auto remove = db_.prepare(
      "DELETE FROM sample WHERE host_id = ? AND key_id = ? AND time < ? AND report_id <= ?");
  if (!remove) return remove.error();
  auto removed = remove->run(host_id_, key_id_, end, last_report);
  if (!removed) return removed.error();
  return db_.changes();
}

Result<bool> Retention::step_samples(Micros now, std::int64_t rows) {
  const Micros before = now - settings_.samples;
  auto last_report = last_report_before(before);
  if (!last_report) return last_report.error();
  // A step costs rows rolled up, and series looked at.
  for (std::int64_t left = rows; left > 0;) {
    if (host_id_ != 0) {
      auto rolled = roll_up(before, *last_report, left);
      if (!rolled) return rolled.error();
      left -= *rolled + 10;
      if (*rolled > 0) continue;
    }
    auto next = next_series();
    if (!next || !*next) return next;
  }
  return true;
}

}  // namespace sheepdog
