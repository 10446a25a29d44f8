// interruptions.cc -- when services were not ok, as their states say.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/interruptions.hh"

#include <algorithm>

#include "sqlite/statement.hh"

namespace sheepdog {

Result<> Interruptions::begin(std::int64_t service, Micros since, std::int64_t report) {
  auto insert = db_->prepare(
      "INSERT INTO interruption(service_id, since, until, report_id) VALUES(?, ?, NULL, ?)");
  if (!insert) return insert.error();
  return insert->run(service, since, report);
}

Result<> Interruptions::end(std::int64_t service, Micros until) {
  auto update = db_->prepare(
      "UPDATE interruption SET until = ?2 WHERE service_id = ?1 "
      "AND since = (SELECT max(since) FROM interruption WHERE service_id = ?1)");
  if (!update) return update.error();
  return update->run(service, until);
}

/// From the one that lasts at FROM, to the last that begins by TO.
Result<std::vector<Interruptions::Interruption>> Interruptions::between(std::int64_t service,
                                                                        Micros from, Micros to) {
  auto select = db_->prepare(
      "SELECT since, until, report_id FROM interruption WHERE service_id = ?1 AND since >= coalesce("
      "(SELECT max(since) FROM interruption WHERE service_id = ?1 AND since <= ?2), ?2) "
      "AND since <= ?3 AND (until IS NULL OR until > ?2) ORDER BY since");
  if (!select) return select.error();
  std::vector<Interruption> found;
  select->with(service, from, to);
  for (;;) {
    auto row = select->step();
    if (!row) return row.error();
    if (!*row) return found;
    found.push_back({select->integer(0), {}, select->integer(2), true, false});
    if (!select->is_null(1)) found.back().until = select->integer(1);
  }
}

Result<> Interruptions::replace(std::int64_t service, const std::vector<State>& old_states,
                                const std::vector<State>& new_states) {
  auto found = between(service, new_states.front().since, old_states.back().since);
  if (!found) return found.error();

  std::vector<Point<bool>> points;
  for (const auto& state : new_states)
    points.push_back({state.since, state.report_id, state.value != 0});
  auto wanted = runs_of(points, std::nullopt);
  // The first may have begun before these states, and the last goes on as it did after them.
  auto& first = wanted.front();
  if (first.value && !found->empty() && found->front().since < first.since) {
    first.since = found->front().since;
    first.report_id = found->front().report_id;
  }
  if (wanted.back().value && new_states.back().until) wanted.back().until = found->back().until;
  std::erase_if(wanted, [](const Interruption& run) { return !run.value; });

  for (const auto& old : *found) {
    if (std::any_of(wanted.begin(), wanted.end(),
                    [&](const Interruption& run) { return run.since == old.since; }))
      continue;
    auto remove = db_->prepare("DELETE FROM interruption WHERE service_id = ? AND since = ?");
    if (!remove) return remove.error();
    auto done = remove->run(service, old.since);
    if (!done) return done;
  }
  for (const auto& run : wanted) {
    if (std::find(found->begin(), found->end(), run) != found->end()) continue;
    auto put = db_->prepare(
        "INSERT OR REPLACE INTO interruption(service_id, since, until, report_id) "
        "VALUES(?, ?, ?, ?)");
    if (!put) return put.error();
    auto done = put->run(service, run.since, run.until, run.report_id);
    if (!done) return done;
  }
  return {};
}

}  // namespace sheepdog
