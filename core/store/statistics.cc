// statistics.cc -- what SQLite is told of how values are spread.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// PRAGMA optimize would look only at tables that this connection has asked much of, and it is the
// readers' that are asked. So every table is analyzed.
#include "store/statistics.hh"

#include <fmt/format.h>

#include "sqlite/statement.hh"
#include "sqlite/transaction.hh"

namespace sheepdog {

Result<bool> Statistics::is_due(double growth) {
  auto reports = db_.integer("SELECT coalesce(max(report_id), 0) FROM report");
  if (!reports) return reports.error();
  reports_ = *reports;
  auto last = db_.integer(
      "SELECT coalesce((SELECT value FROM meta WHERE name = 'statistics_report'), 0)");
  if (!last) return last.error();
  return static_cast<double>(reports_) > growth * static_cast<double>(*last);
}

Result<> Statistics::begin_round() {
  // So many rows of an index are looked at, and the rest is guessed from these.
  auto limited = db_.exec("PRAGMA analysis_limit=1000");
  if (!limited) return limited;
  auto select = db_.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'");
  if (!select) return select.error();
  for (;;) {
    auto row = select->step();
    if (!row) return row.error();
    if (!*row) return {};
    tables_.emplace_back(select->text(0));
  }
}

Result<bool> Statistics::step(double growth) {
  if (tables_.empty()) {
    auto due = is_due(growth);
    if (!due || !*due) return due;
    auto begun = begin_round();
    if (!begun) return begun.error();
  }
  auto transaction = Transaction::begin(db_);
  if (!transaction) return transaction.error();
  auto analyzed = db_.exec(fmt::format("ANALYZE \"{}\"", tables_.back()));
  if (!analyzed) return analyzed.error();
  if (tables_.size() == 1) {
    auto remember = db_.prepare(
        "INSERT INTO meta(name, value) VALUES('statistics_report', ?) "
        "ON CONFLICT DO UPDATE SET value = excluded.value");
    if (!remember) return remember.error();
    auto done = remember->run(reports_);
    if (!done) return done.error();
  }
  auto committed = transaction->commit();
  if (!committed) return committed.error();
  tables_.pop_back();
  return !tables_.empty();
}

}  // namespace sheepdog
