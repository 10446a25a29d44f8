// facts.cc -- observations of facts and the intervals that they make.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/facts.hh"

#include <algorithm>
#include <limits>
#include <unordered_set>

#include "sqlite/statement.hh"

namespace sheepdog {

namespace {

const Value none{};

}  // namespace

Result<> Facts::look_up(Host& host) {
  if (host.facts_known) return {};
  auto newest = db_.prepare(
      "SELECT max(coalesce((SELECT max(time) FROM fact_observation WHERE host_id = ?1), -1), "
      "           coalesce((SELECT max(time) FROM fact_set WHERE host_id = ?1), -1))");
  if (!newest) return newest.error();
  auto found = newest->with(host.id).step();
  if (!found) return found.error();
  host.newest_fact = newest->integer(0);
  host.prefixes.clear();
  auto next = db_.prepare(
      "SELECT key_id, name FROM key WHERE key_id = (SELECT min(prefix_id) FROM fact_set "
      "WHERE host_id = ?1 AND prefix_id > ?2)");
  if (!next) return next.error();
  for (std::int64_t last = 0;;) {
    auto prefix = next->with(host.id, last).step();
    if (!prefix) return prefix.error();
    if (!*prefix) break;
    last = next->integer(0);
    host.prefixes.emplace_back(last, next->text(1));
  }
  host.facts_known = true;
  return {};
}

Result<> Facts::observe(Host& host, const StoredReport& report, SaidFacts said) {
  auto known = look_up(host);
  if (!known) return known;
  const bool newest = report.time > host.newest_fact;
  for (const auto& prefix : said.prefixes) {
    auto added = add_set(host, report, prefix);
    if (!added) return added;
  }
  if (!said.prefixes.empty()) {
    auto ended = end_others(host, newest, said);
    if (!ended) return ended;
  }
  for (const auto& one : said.facts) {
    auto done =
        newest ? append({host.id, one.key_id}, report, one) : insert_late(host, report, one);
    if (!done) return done;
  }
  host.newest_fact = std::max(host.newest_fact, report.time);
  return {};
}

Result<> Facts::add_set(Host& host, const StoredReport& report, const std::string& prefix) {
  auto prefix_id = names_.key(prefix);
  if (!prefix_id) return prefix_id.error();
  const auto same = [&](const auto& p) { return p.first == *prefix_id; };
  if (std::none_of(host.prefixes.begin(), host.prefixes.end(), same))
    host.prefixes.emplace_back(*prefix_id, prefix);
  auto insert = db_.prepare("INSERT OR IGNORE INTO fact_set VALUES(?, ?, ?, ?)");
  if (!insert) return insert.error();
  return insert->run(host.id, *prefix_id, report.time, report.id);
}

/// Adds to SAID, for each key under its prefixes that may be in force and is not said: none.
Result<> Facts::end_others(const Host& host, bool newest, SaidFacts& said) {
  std::unordered_set<std::int64_t> keys;
  for (const auto& one : said.facts) keys.insert(one.key_id);
  // From the host's facts to their names: a herd has many more keys than any host has facts.
  auto select = db_.prepare(
      newest ? "SELECT k.key_id, k.name FROM fact f CROSS JOIN key k ON k.key_id = f.key_id "
               "WHERE f.host_id = ? AND f.until IS NULL"
             : "SELECT k.key_id, k.name FROM (SELECT DISTINCT key_id FROM fact_observation "
               "WHERE host_id = ?) o CROSS JOIN key k ON k.key_id = o.key_id");
  if (!select) return select.error();
  select->with(host.id);
  for (;;) {
    auto found = select->step();
    if (!found) return found.error();
    if (!*found) return {};
    const auto name = select->text(1);
    if (std::any_of(said.prefixes.begin(), said.prefixes.end(),
                    [&](const auto& prefix) { return name.starts_with(prefix); }) &&
        keys.insert(select->integer(0)).second)
      said.facts.push_back({select->integer(0), none, true});
  }
}

Result<> Facts::insert_row(Subject subject, Micros time, std::int64_t report_id, bool in_set,
                           const Value& value) {
  auto insert = db_.prepare(
      "INSERT OR IGNORE INTO fact_observation(host_id, key_id, time, report_id, in_set, value) "
      "VALUES(?, ?, ?, ?, ?, ?)");
  if (!insert) return insert.error();
  return insert->run(subject.host_id, subject.key_id, time, report_id, in_set, value);
}

/// ONE is newer than every observation of its host.
Result<> Facts::append(Subject subject, const StoredReport& report, const SaidFacts::One& one) {
  auto newest = db_.prepare(
      "SELECT since, value FROM fact WHERE host_id = ? AND key_id = ? AND until IS NULL "
      "ORDER BY since DESC LIMIT 1");
  if (!newest) return newest.error();
  auto found = newest->with(subject.host_id, subject.key_id).step();
  if (!found) return found.error();
  const Value before = *found ? newest->value(1) : none;
  const Micros since = *found ? newest->integer(0) : 0;
  newest->reset();
  if (!one.in_set || one.value != before) {
    auto inserted = insert_row(subject, report.time, report.id, one.in_set, one.value);
    if (!inserted) return inserted;
  }
  if (one.value == before) return {};
  if (before != none) {
    auto end =
        db_.prepare("UPDATE fact SET until = ? WHERE host_id = ? AND key_id = ? AND since = ?");
    if (!end) return end.error();
    auto done = end->run(report.time, subject.host_id, subject.key_id, since);
    if (!done) return done;
  }
  if (one.value == none) return {};
  auto begin = db_.prepare(
      "INSERT INTO fact(host_id, key_id, since, until, value, report_id) "
      "VALUES(?, ?, ?, NULL, ?, ?)");
  if (!begin) return begin.error();
  return begin->run(subject.host_id, subject.key_id, report.time, one.value, report.id);
}

Result<> Facts::insert_late(const Host& host, const StoredReport& report,
                            const SaidFacts::One& one) {
  const Subject subject{host.id, one.key_id};
  auto before = row(subject, report, "(o.time < ?3 OR (o.time = ?3 AND r.uuid < ?4))", false);
  if (!before) return before.error();
  const Value in_force = *before ? (*before)->value : none;
  if (one.in_set && one.value == in_force) return {};
  auto inserted = insert_row(subject, report.time, report.id, one.in_set, one.value);
  if (!inserted) return inserted;
  if (one.value != in_force) {
    auto next = row(subject, report, "(o.time > ?3 OR (o.time = ?3 AND r.uuid > ?4))", true);
    if (!next) return next.error();
    auto set = next_set(host, one.key_id, report);
    if (!set) return set.error();
    if (*set && (!*next || (*set)->place < (*next)->place)) {
      auto kept = insert_row(subject, (*set)->place.time, (*set)->report_id, true, in_force);
      if (!kept) return kept;
    } else if (*next && (*next)->in_set && (*next)->value == one.value) {
      auto remove = db_.prepare(
          "DELETE FROM fact_observation "
          "WHERE host_id = ? AND key_id = ? AND time = ? AND report_id = ?");
      if (!remove) return remove.error();
      auto done = remove->run(subject.host_id, subject.key_id, (*next)->place.time,
                              (*next)->report_id);
      if (!done) return done;
    }
  }
  return rewrite(subject, report);
}

/// The first observation of SUBJECT for which WHERE is true, backwards in the order of
/// observations, or forwards. ?3 is REPORT's time, ?4 its uuid.
Result<std::optional<Facts::Row>> Facts::row(Subject subject, const StoredReport& report,
                                             const char* where, bool forwards) {
  auto select = db_.prepare(
      std::string("SELECT o.time, r.uuid, o.report_id, o.value, o.in_set "
                  "FROM fact_observation o JOIN report r ON r.report_id = o.report_id "
                  "WHERE o.host_id = ?1 AND o.key_id = ?2 AND ") +
      (forwards ? "o.time >= ?3 AND " : "o.time <= ?3 AND ") + where +
      (forwards ? " ORDER BY o.time, r.uuid LIMIT 1"
                : " ORDER BY o.time DESC, r.uuid DESC LIMIT 1"));
  if (!select) return select.error();
  select->with(subject.host_id, subject.key_id, report.time);
  if (select->parameters() > 3) select->bind(4, BlobView(report.uuid.bytes));
  auto found = select->step();
  if (!found) return found.error();
  if (!*found) return std::optional<Row>();
  return std::optional(Row{{select->integer(0), uuid_of(select->blob(1))},
                           select->integer(2),
                           select->value(3),
                           select->integer(4) != 0});
}

/// The first set after REPORT that says something about KEY_ID.
Result<std::optional<Facts::Row>> Facts::next_set(const Host& host, std::int64_t key_id,
                                                  const StoredReport& report) {
  auto name = db_.prepare("SELECT name FROM key WHERE key_id = ?");
  if (!name) return name.error();
  auto named = name->with(key_id).step();
  if (!named) return named.error();
  std::optional<Row> first;
  for (const auto& [prefix_id, prefix] : host.prefixes) {
    if (!name->text(0).starts_with(prefix)) continue;
    auto select = db_.prepare(
        "SELECT s.time, r.uuid, s.report_id "
        "FROM fact_set s JOIN report r ON r.report_id = s.report_id "
        "WHERE s.host_id = ? AND s.prefix_id = ? AND s.time >= ?3 "
        "AND (s.time > ?3 OR r.uuid > ?4) ORDER BY s.time, r.uuid LIMIT 1");
    if (!select) return select.error();
    auto found = select->with(host.id, prefix_id, report.time, BlobView(report.uuid.bytes)).step();
    if (!found) return found.error();
    if (!*found) continue;
    const Place place{select->integer(0), uuid_of(select->blob(1))};
    if (!first || place < first->place) first = Row{place, select->integer(2), none, true};
  }
  return first;
}

/// Computes the intervals around the time of REPORT anew.
Result<> Facts::rewrite(Subject subject, const StoredReport& report) {
  auto at = row(subject, report, "o.time = ?3", false);
  if (!at) return at.error();
  auto before = row(subject, report, "o.time < ?3", false);
  if (!before) return before.error();
  auto after = row(subject, report, "o.time > ?3", true);
  if (!after) return after.error();
  if (*after) {  // of several at that time the last one counts
    StoredReport then = report;
    then.time = (*after)->place.time;
    after = row(subject, then, "o.time = ?3", false);
    if (!after) return after.error();
  }

  Micros from = report.time;
  if (*before) from = (*before)->place.time + ((*before)->value == none ? 1 : 0);
  // Where nothing comes after, the set whose row has just gone may have left an interval.
  const Micros to = *after ? (*after)->place.time : std::numeric_limits<Micros>::max();
  auto old_facts = intervals(subject, from, to);
  if (!old_facts) return old_facts.error();

  std::vector<FactPoint> points;
  if (*before && (*before)->value != none) {
    const auto& held = old_facts->front();
    points.push_back({held.since, held.report_id, held.value});
  } else if (*before) {
    points.push_back({(*before)->place.time, (*before)->report_id, none});
  }
  if (*at) points.push_back({report.time, (*at)->report_id, (*at)->value});
  if (*after) points.push_back({(*after)->place.time, (*after)->report_id, (*after)->value});
  const bool last_held = *after && (*after)->value != none;
  auto new_facts =
      runs_of(points, last_held ? old_facts->back().until : std::optional<Micros>());
  std::erase_if(new_facts, [](const auto& fact) { return fact.value == none; });
  return replace(subject, *old_facts, new_facts);
}

/// From the interval that holds at FROM, or the next one, to the last that begins by TO.
Result<std::vector<Facts::FactInterval>> Facts::intervals(Subject subject, Micros from, Micros to) {
  auto select = db_.prepare(
      "SELECT since, until, report_id, value FROM fact WHERE host_id = ?1 AND key_id = ?2 "
      "AND since >= coalesce((SELECT max(since) FROM fact "
      "      WHERE host_id = ?1 AND key_id = ?2 AND since <= ?3), ?3) "
      "AND (until IS NULL OR until > ?3) AND since <= ?4 ORDER BY since");
  if (!select) return select.error();
  std::vector<FactInterval> found;
  select->with(subject.host_id, subject.key_id, from, to);
  for (;;) {
    auto next = select->step();
    if (!next) return next.error();
    if (!*next) return found;
    FactInterval fact;
    fact.since = select->integer(0);
    if (!select->is_null(1)) fact.until = select->integer(1);
    fact.report_id = select->integer(2);
    fact.value = select->value(3);
    found.push_back(std::move(fact));
  }
}

Result<> Facts::replace(Subject subject, const std::vector<FactInterval>& old_facts,
                        const std::vector<FactInterval>& new_facts) {
  for (const auto& fact : old_facts) {
    if (std::any_of(new_facts.begin(), new_facts.end(),
                    [&](const auto& f) { return f.since == fact.since; }))
      continue;
    auto remove = db_.prepare("DELETE FROM fact WHERE host_id = ? AND key_id = ? AND since = ?");
    if (!remove) return remove.error();
    auto done = remove->run(subject.host_id, subject.key_id, fact.since);
    if (!done) return done;
  }
  for (const auto& fact : new_facts) {
    if (std::find(old_facts.begin(), old_facts.end(), fact) != old_facts.end()) continue;
    auto put = db_.prepare(
        "INSERT INTO fact(host_id, key_id, since, until, value, report_id) "
        "VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET until = excluded.until, "
        "value = excluded.value, report_id = excluded.report_id");
    if (!put) return put.error();
    auto done = put->run(subject.host_id, subject.key_id, fact.since, fact.until, fact.value,
                         fact.report_id);
    if (!done) return done;
  }
  return {};
}

}  // namespace sheepdog
