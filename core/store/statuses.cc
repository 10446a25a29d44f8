// statuses.cc -- observations of status and the intervals that they make.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/statuses.hh"

#include <algorithm>
#include <limits>

namespace sheepdog {

namespace {

std::int64_t number(Status status) { return static_cast<std::int64_t>(status); }

}  // namespace

Result<Statuses> Statuses::open(Db& db) {
  auto insert = db.prepare(
      "INSERT OR IGNORE INTO observation(service_id, time, report_id, status, elsewhere, summary) "
      "VALUES(?, ?, ?, ?, ?, ?)");
  if (!insert) return insert.error();
  return Statuses(db, *std::move(insert));
}

Result<> Statuses::mention(const Service& service, const StoredReport& report) {
  return insert_.run(service.id, report.time, report.id, nullptr, false, nullptr);
}

Result<bool> Statuses::observe(Service& service, const StoredReport& report, Status status,
                               bool elsewhere, std::optional<std::string_view> summary) {
  if (!service.tail_known) {
    auto loaded = load_tail(service);
    if (!loaded) return loaded.error();
  }
  auto inserted =
      insert_.run(service.id, report.time, report.id, number(status), elsewhere, summary);
  if (!inserted) return inserted.error();
  if (db_->changes() == 0) return false;  // the report says it twice
  const bool newest = !service.tail || report.time > service.tail->time;
  if (!newest) service.tail_known = false;
  auto changed = newest ? append(service, report, status) : insert_late(service, report, status);
  if (!changed || report.imported) return changed;
  auto to_judge = judge_first_live(service, report, status);
  if (!to_judge) return to_judge;
  return *changed || *to_judge;
}

/// Imported history is not judged; where REPORT is the first that is not history in a state that
/// began in it, that state is to be judged now, unless a later one was.
Result<bool> Statuses::judge_first_live(Service& service, const StoredReport& report,
                                        Status status) {
  if (service.tail_known && service.tail->live) return false;
  // The newest observations are looked at first, since history is mostly before what is live.
  auto update = db_->prepare(
      "UPDATE state SET judged = 0 WHERE service_id = ?1 AND judged = 1 AND status = ?3 "
      "AND since = (SELECT max(since) FROM state WHERE service_id = ?1 AND since <= ?2) "
      "AND NOT EXISTS (SELECT 1 FROM state l WHERE l.service_id = ?1 AND l.since > ?2 "
      "  AND l.judged = 1) "
      "AND (SELECT 1 FROM observation o JOIN report r USING(report_id) "
      "  WHERE o.service_id = ?1 AND o.time >= state.since "
      "  AND o.time < coalesce(state.until, 9223372036854775807) "
      "  AND o.status = ?3 AND o.report_id <> ?4 AND r.imported = 0 "
      "  ORDER BY o.time DESC LIMIT 1) IS NULL");
  if (!update) return update.error();
  auto done = update->run(service.id, report.time, number(status), report.id);
  if (!done) return done.error();
  if (service.tail_known) service.tail->live = true;
  return db_->changes() > 0;
}

Result<> Statuses::load_tail(Service& service) {
  service.tail.reset();
  StoredReport beyond;
  beyond.time = std::numeric_limits<Micros>::max();
  auto newest = neighbour(service, beyond, "o.time <= ?2");
  if (!newest) return newest.error();
  if (*newest) {
    auto state = db_->prepare("SELECT max(since) FROM state WHERE service_id = ?");
    if (!state) return state.error();
    auto row = state->with(service.id).step();
    if (!row) return row.error();
    const auto& [point, uuid, imported] = **newest;
    service.tail =
        Tail{point.time, uuid, static_cast<Status>(point.value), state->integer(0), false};
  }
  service.tail_known = true;
  return {};
}

Result<bool> Statuses::append(Service& service, const StoredReport& report, Status status) {
  if (service.tail && service.tail->status == status) {
    service.tail->time = report.time;
    service.tail->report = report.uuid;
    return false;
  }
  if (service.tail) {
    auto end = db_->prepare("UPDATE state SET until = ? WHERE service_id = ? AND since = ?");
    if (!end) return end.error();
    auto done = end->run(report.time, service.id, service.tail->since);
    if (!done) return done.error();
  }
  auto begin = db_->prepare(
      "INSERT INTO state(service_id, since, until, status, report_id, judged) "
      "VALUES(?, ?, NULL, ?, ?, ?)");
  if (!begin) return begin.error();
  auto done = begin->run(service.id, report.time, number(status), report.id, report.imported);
  if (!done) return done.error();
  const bool was_ok = !service.tail || service.tail->status == Status::ok;
  if (was_ok != (status == Status::ok)) {
    auto told = was_ok ? interruptions_.begin(service.id, report.time, report.id)
                       : interruptions_.end(service.id, report.time);
    if (!told) return told.error();
  }
  service.tail = Tail{report.time, report.uuid, status, report.time, !report.imported};
  return !report.imported;
}

/// The observation next to REPORT's, before or after it as WHERE says; the one that counts where
/// several have the same time. ?2 is the time and ?3 the id of REPORT.
Result<std::optional<Statuses::Neighbour>> Statuses::neighbour(const Service& service,
                                                               const StoredReport& report,
                                                               const char* where) {
  const bool after = std::string_view(where).find('>') != std::string_view::npos;
  auto select = db_->prepare(
      std::string("SELECT o.time, o.report_id, o.status, r.uuid, r.imported "
                  "FROM observation o JOIN report r ON r.report_id = o.report_id "
                  "WHERE o.service_id = ?1 AND o.status IS NOT NULL AND o.report_id <> ?3 AND ") +
      where + " ORDER BY o.time " + (after ? "ASC" : "DESC") + ", r.uuid DESC LIMIT 1");
  if (!select) return select.error();
  auto row = select->with(service.id, report.time, report.id).step();
  if (!row) return row.error();
  if (!*row) return std::optional<Neighbour>();
  return std::optional(
      Neighbour{{select->integer(0), select->integer(1), select->integer(2)},
                uuid_of(select->blob(3)),
                select->integer(4) != 0});
}

Result<std::vector<Statuses::State>> Statuses::states(const Service& service, Micros from,
                                                      Micros to) {
  // From the state that holds at FROM, to the last that begins by TO.
  auto select = db_->prepare(
      "SELECT since, until, report_id, status, judged FROM state WHERE service_id = ?1 AND "
      "since >= coalesce((SELECT max(since) FROM state WHERE service_id = ?1 AND since <= ?2), ?2) "
      "AND since <= ?3 ORDER BY since");
  if (!select) return select.error();
  std::vector<State> found;
  select->with(service.id, from, to);
  for (;;) {
    auto row = select->step();
    if (!row) return row.error();
    if (!*row) return found;
    State state{.since = select->integer(0),
                .until = {},
                .report_id = select->integer(2),
                .value = select->integer(3),
                .judged = select->integer(4) != 0};
    if (!select->is_null(1)) state.until = select->integer(1);
    found.push_back(state);
  }
}

Result<bool> Statuses::insert_late(const Service& service, const StoredReport& report,
                                   Status status) {
  auto same = neighbour(service, report, "o.time = ?2");
  if (!same) return same.error();
  if (*same && (*same)->report > report.uuid) return false;  // that one counts at this time
  auto before = neighbour(service, report, "o.time < ?2");
  if (!before) return before.error();
  auto after = neighbour(service, report, "o.time > ?2");
  if (!after) return after.error();

  auto old_states = states(service, *before ? (*before)->point.time : report.time,
                           *after ? (*after)->point.time : report.time);
  if (!old_states) return old_states.error();
  const auto old_at = [&](Micros since) -> const State* {
    for (const auto& state : *old_states)
      if (state.since == since) return &state;
    return nullptr;
  };

  std::vector<StatePoint> points;
  if (*before) {
    const auto& held = old_states->front();
    points.push_back({held.since, held.report_id, held.value});
  }
  points.push_back({report.time, report.id, number(status)});
  if (*after) points.push_back((*after)->point);
  auto new_states = runs_of(points, *after ? old_states->back().until : std::nullopt);

  // What is judged stays so. A new change is left to judgement, except where it comes from
  // elsewhere or a later change was judged already.
  auto select = db_->prepare(
      "SELECT coalesce(max(since), -1) FROM state WHERE service_id = ? AND judged = 1");
  if (!select) return select.error();
  auto row = select->with(service.id).step();
  if (!row) return row.error();
  const Micros newest_judged = select->integer(0);
  const State* next = *after ? old_at((*after)->point.time) : nullptr;
  const auto remains = [&](const State& old_state) {
    return std::any_of(new_states.begin(), new_states.end(),
                       [&](const State& s) { return s.since == old_state.since; });
  };
  bool changed = false;
  for (auto& state : new_states) {
    const State* old_state = old_at(state.since);
    if (old_state != nullptr && old_state->value == state.value)
      state.judged = old_state->judged;
    else if (state.since == report.time && next != nullptr && next->value == state.value &&
             !remains(*next))
      state.judged = next->judged;  // the same run: only it began earlier
    else
      state.judged = state.since < newest_judged ||
                     (state.since == report.time ? report.imported : (*after)->imported);
    changed |= !state.judged && (old_state == nullptr || !(*old_state == state));
  }
  // A change that was judged has vanished, because of another report with the same time: what
  // holds instead is to be judged again.
  const State* replaced = old_at(report.time);
  if (replaced != nullptr && replaced->judged && new_states.size() == 1 &&
      new_states[0].since < report.time) {
    new_states[0].judged = next != nullptr && next->judged;
    changed |= !new_states[0].judged;
  }
  if (*old_states != new_states) {
    auto done = replace(service, *old_states, new_states);
    if (done) done = interruptions_.replace(service.id, *old_states, new_states);
    if (!done) return done.error();
  }
  return changed;
}

Result<> Statuses::replace(const Service& service, const std::vector<State>& old_states,
                           const std::vector<State>& new_states) {
  for (const auto& state : old_states) {
    if (std::any_of(new_states.begin(), new_states.end(),
                    [&](const State& s) { return s.since == state.since; }))
      continue;
    auto remove = db_->prepare("DELETE FROM state WHERE service_id = ? AND since = ?");
    if (!remove) return remove.error();
    auto done = remove->run(service.id, state.since);
    if (!done) return done;
  }
  for (const auto& state : new_states) {
    if (std::find(old_states.begin(), old_states.end(), state) != old_states.end()) continue;
    auto put = db_->prepare(
        "INSERT INTO state(service_id, since, until, status, report_id, judged) "
        "VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET until = excluded.until, "
        "status = excluded.status, report_id = excluded.report_id, judged = excluded.judged");
    if (!put) return put.error();
    auto done = put->run(service.id, state.since, state.until, state.value, state.report_id,
                         state.judged);
    if (!done) return done;
  }
  return {};
}

}  // namespace sheepdog
