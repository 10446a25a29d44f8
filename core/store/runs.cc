// runs.cc -- runs, put together from what is told about them in any order.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/runs.hh"

#include <algorithm>

#include "sqlite/statement.hh"

namespace sheepdog {

using assertion::Outcome;
using assertion::RunPhase;

namespace {

bool said_by_others(Outcome outcome) {
  return outcome == Outcome::vanished || outcome == Outcome::unknown;
}

}  // namespace

Result<> Runs::tell(const Service& service, const StoredReport& report,
                    const assertion::Run& piece) {
  const BlobView uuid(piece.run.bytes);
  auto insert = db_.prepare("INSERT OR IGNORE INTO run(uuid, service_id) VALUES(?, ?)");
  if (!insert) return insert.error();
  auto inserted = insert->run(uuid, service.id);
  if (!inserted) return inserted;

  // Where start and end both say it, the start is believed.
  const bool start = piece.phase == RunPhase::start;
  auto update = db_.prepare(
      start ? "UPDATE run SET started = min(coalesce(started, ?2), coalesce(?2, started)), "
              "lease_until = max(coalesce(lease_until, ?3), coalesce(?3, lease_until)), "
              "argv = coalesce(?4, argv), user = coalesce(?5, user), "
              "directory = coalesce(?6, directory), attempt = coalesce(?7, attempt), "
              "start_report = ?8 WHERE uuid = ?1"
            : "UPDATE run SET started = min(coalesce(started, ?2), coalesce(?2, started)), "
              "lease_until = max(coalesce(lease_until, ?3), coalesce(?3, lease_until)), "
              "argv = coalesce(argv, ?4), user = coalesce(user, ?5), "
              "directory = coalesce(directory, ?6), attempt = coalesce(attempt, ?7) "
              "WHERE uuid = ?1");
  if (!update) return update.error();
  update->with(uuid, piece.started, piece.lease_until, piece.argv, piece.user, piece.directory,
               piece.attempt);
  if (start) update->bind(8, report.id);
  auto updated = update->run();
  if (!updated || piece.phase != RunPhase::end) return updated;
  return end(report, piece);
}

Result<> Runs::end(const StoredReport& report, const assertion::Run& piece) {
  const BlobView uuid(piece.run.bytes);
  {
    auto known = db_.prepare(
        "SELECT n.outcome IN ('vanished', 'unknown'), r.time, r.uuid FROM run n "
        "LEFT JOIN report r ON r.report_id = n.end_report "
        "WHERE n.uuid = ? AND n.outcome IS NOT NULL");
    if (!known) return known.error();
    auto found = known->with(uuid).step();
    if (!found) return found.error();
    if (*found) {
      const bool others_then = known->integer(0) != 0;
      const bool others_now = said_by_others(piece.outcome);
      const auto then = known->blob(2);
      const bool later =
          known->integer(1) < report.time ||
          (known->integer(1) == report.time &&
           std::lexicographical_compare(then.begin(), then.end(), report.uuid.bytes.begin(),
                                        report.uuid.bytes.end()));
      if (others_then == others_now ? !later : others_now) return {};
    }
  }
  auto update = db_.prepare(
      "UPDATE run SET outcome = ?2, ended = ?3, exit = ?4, signal = ?5, error = ?6, "
      "user_cpu = ?7, system_cpu = ?8, peak_memory = ?9, output_bytes = ?10, end_report = ?11 "
      "WHERE uuid = ?1");
  if (!update) return update.error();
  return update->run(uuid, to_string(piece.outcome), piece.ended.value_or(report.time), piece.exit,
                     piece.signal, piece.error, piece.user_cpu, piece.system_cpu,
                     piece.peak_memory, piece.output_bytes, report.id);
}

}  // namespace sheepdog
