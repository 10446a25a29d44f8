// retention.cc -- lets go of old reports.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/retention.hh"

#include "sqlite/statement.hh"
#include "sqlite/transaction.hh"

namespace sheepdog {

Result<bool> Retention::step(Micros now, std::int64_t rows) {
  auto transaction = Transaction::begin(db_);
  if (!transaction) return transaction.error();
  auto more = reports_done_ ? step_samples(now, rows) : step_reports(now, rows);
  if (!more) return more;
  auto committed = transaction->commit();
  if (!committed) return committed.error();
  if (*more) return true;
  reports_done_ = !reports_done_;
  return reports_done_;
}

/// The reports after the report AFTER, as far as they are old.
Result<std::vector<Retention::Old>> Retention::old_reports(std::int64_t after, Micros now,
                                                           std::int64_t rows) {
  auto select = db_.prepare(
      "SELECT report_id, service_id, time, imported, arrival FROM report "
      "WHERE report_id > ? ORDER BY report_id LIMIT ?");
  if (!select) return select.error();
  select->with(after, rows);
  std::vector<Old> found;
  for (;;) {
    auto row = select->step();
    if (!row) return row.error();
    if (!*row) return found;
    const Micros arrival = select->integer(4);
    if (arrival >= now - settings_.reports && arrival <= now) return found;
    found.push_back({select->integer(0), select->integer(1), select->integer(2),
                     select->integer(3) != 0, arrival > now});
  }
}

Result<bool> Retention::step_reports(Micros now, std::int64_t rows) {
  // Each report is looked at once, in the order of arrival.
  auto seen = db_.integer(
      "SELECT coalesce((SELECT value FROM meta WHERE name = 'retention_report'), 0)");
  if (!seen) return seen.error();
  auto reports = old_reports(*seen, now, rows);
  if (!reports) return reports.error();
  if (reports->empty()) return false;
  for (const auto& report : *reports) {
    if (report.in_future) continue;
    auto gone = let_go(report);
    if (!gone) return gone.error();
  }
  auto remember = db_.prepare("INSERT OR REPLACE INTO meta(name, value) VALUES(?, ?)");
  if (!remember) return remember.error();
  auto done = remember->run("retention_report", reports->back().id);
  if (!done) return done.error();
  return true;
}

Result<> Retention::let_go(const Old& report) {
  auto thinned = thin_statuses(report);
  if (thinned) thinned = thin_facts(report);
  if (!thinned) return thinned;
  if (settings_.failed_runs) {
    auto failed = failed_run(report);
    if (!failed) return failed.error();
    if (*failed) return {};
  }
  auto kept = needed(report);
  if (!kept) return kept.error();
  auto change = db_.prepare(*kept ? "UPDATE report SET data = NULL WHERE report_id = ? "
                                    "AND data IS NOT NULL"
                                  : "DELETE FROM report WHERE report_id = ?");
  if (!change) return change.error();
  return change->run(report.id);
}

/// Removes the observations of REPORT that have an equal one before and after them.
Result<> Retention::thin_statuses(const Old& report) {
  // Of those with the same time the one with the greatest uuid counts; where there are several,
  // all stay, or another one would begin to count.
  static const std::string repeated =
      " AND (status IS NULL OR ("
      "NOT EXISTS (SELECT 1 FROM observation t WHERE t.service_id = o.service_id "
      "  AND t.time = o.time AND t.report_id <> o.report_id AND t.status IS NOT NULL) "
      "AND status = (SELECT p.status FROM observation p JOIN report r USING(report_id) "
      "  WHERE p.service_id = o.service_id AND p.time < o.time AND p.status IS NOT NULL "
      "  ORDER BY p.time DESC, r.uuid DESC LIMIT 1) "
      "AND status = (SELECT n.status FROM observation n JOIN report r USING(report_id) "
      "  WHERE n.service_id = o.service_id AND n.time > o.time AND n.status IS NOT NULL "
      "  ORDER BY n.time, r.uuid DESC LIMIT 1)))";
  static const std::string own =
      "DELETE FROM observation AS o WHERE service_id = ? AND time = ? AND report_id = ?" + repeated;
  static const std::string elsewhere =
      "DELETE FROM observation AS o WHERE elsewhere AND report_id = ?" + repeated;
  auto remove = db_.prepare(own);
  if (!remove) return remove.error();
  auto removed = remove->run(report.service_id, report.time, report.id);
  if (!removed) return removed;
  auto others = db_.prepare(elsewhere);
  if (!others) return others.error();
  return others->run(report.id);
}

/// Removes what REPORT said about facts where it was so before and after it, and its sets where
/// there are later ones.
Result<> Retention::thin_facts(const Old& report) {
  // IS alone takes 1 and 1.0 for the same.
  auto remove = db_.prepare(
      "DELETE FROM fact_observation AS o WHERE report_id = ? "
      "AND NOT EXISTS (SELECT 1 FROM fact_observation t WHERE t.host_id = o.host_id "
      "  AND t.key_id = o.key_id AND t.time = o.time AND t.report_id <> o.report_id) "
      "AND EXISTS (SELECT 1 FROM (SELECT p.value FROM fact_observation p "
      "  JOIN report r USING(report_id) WHERE p.host_id = o.host_id AND p.key_id = o.key_id "
      "  AND p.time < o.time ORDER BY p.time DESC, r.uuid DESC LIMIT 1) b "
      "  WHERE b.value IS o.value AND typeof(b.value) = typeof(o.value)) "
      "AND EXISTS (SELECT 1 FROM (SELECT n.value FROM fact_observation n "
      "  JOIN report r USING(report_id) WHERE n.host_id = o.host_id AND n.key_id = o.key_id "
      "  AND n.time > o.time ORDER BY n.time, r.uuid DESC LIMIT 1) a "
      "  WHERE a.value IS o.value AND typeof(a.value) = typeof(o.value))");
  if (!remove) return remove.error();
  auto removed = remove->run(report.id);
  if (!removed) return removed;
  auto sets = db_.prepare(
      "DELETE FROM fact_set AS s WHERE report_id = ? AND EXISTS (SELECT 1 FROM fact_set l "
      "WHERE l.host_id = s.host_id AND l.prefix_id = s.prefix_id AND l.time > s.time)");
  if (!sets) return sets.error();
  return sets->run(report.id);
}

/// Whether something still comes from REPORT.
Result<bool> Retention::needed(const Old& report) {
  if (report.imported && settings_.imports) return true;
  auto select = db_.prepare(
      "SELECT 1 WHERE EXISTS (SELECT 1 FROM observation "
      "  WHERE service_id = ?2 AND time = ?3 AND report_id = ?1) "
      "OR EXISTS (SELECT 1 FROM observation WHERE elsewhere AND report_id = ?1) "
      "OR EXISTS (SELECT 1 FROM fact_observation WHERE report_id = ?1) "
      "OR EXISTS (SELECT 1 FROM fact_set WHERE report_id = ?1)");
  if (!select) return select.error();
  return select->with(report.id, report.service_id, report.time).step();
}

Result<bool> Retention::failed_run(const Old& report) {
  auto select = db_.prepare("SELECT 1 FROM run WHERE end_report = ? AND outcome <> 'succeeded'");
  if (!select) return select.error();
  return select->with(report.id).step();
}

}  // namespace sheepdog
