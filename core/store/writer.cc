// writer.cc -- one transaction a batch.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/writer.hh"

#include <fmt/format.h>

#include "sqlite/transaction.hh"
#include "store/refusal.hh"
#include "store/schema.hh"

namespace sheepdog {

namespace {

/// Whether an error can be about one report, and not about the store.
bool about_a_report(const Error& error) {
  return error.code == ErrorCode::invalid || error.code == ErrorCode::exists;
}

}  // namespace

Writer::Writer(Db db, const WriterOptions& options)
    : db_(std::move(db)),
      names_(db_),
      facts_(db_, names_),
      runs_(db_),
      dead_letters_(db_, options.dead_letter_limit) {}

Result<std::unique_ptr<Writer>> Writer::open(const std::string& path, Random& random,
                                             WriterOptions options) {
  auto db = Db::open(path);
  if (!db) return db.error();
  auto migrated = migrate(*db, random);
  if (!migrated) return migrated.error();
  // Checkpoints are made on a connection of their own, beside the writer.
  auto set = db->exec("PRAGMA wal_autocheckpoint=0");
  if (!set) return set.error();
  std::unique_ptr<Writer> writer(new Writer(*std::move(db), options));
  auto prepared = writer->prepare();
  if (!prepared) return prepared.error();
  return writer;
}

Result<> Writer::prepare() {
  auto report = db_.prepare(
      "INSERT INTO report(report_id, uuid, service_id, time, arrival, plugin, unknown_plugin, "
      "status, uid, imported, skew, summary, data) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT(uuid) DO NOTHING");
  if (!report) return report.error();
  insert_report_ = *std::move(report);
  auto sample = db_.prepare(
      "INSERT OR IGNORE INTO sample(host_id, key_id, time, report_id, value) "
      "VALUES(?, ?, ?, ?, ?)");
  if (!sample) return sample.error();
  insert_sample_ = *std::move(sample);
  auto statuses = Statuses::open(db_);
  if (!statuses) return statuses.error();
  statuses_ = *std::move(statuses);
  auto newest = db_.integer("SELECT coalesce(max(time), 0) FROM report");
  if (!newest) return newest.error();
  steady_time_ = SteadyTime(*newest);
  return {};
}

void Writer::forget() {
  names_.forget();
  dead_letters_.forget();
  last_report_id_ = 0;
}

Result<Committed> Writer::commit(const Batch& batch, Micros arrival) {
  names_.trim();
  auto committed = attempt(batch, arrival, false);
  // Not the store is at fault but one of the reports: it is found and set aside, the others pass.
  if (!committed && about_a_report(committed.error())) committed = attempt(batch, arrival, true);
  return committed;
}

Result<Committed> Writer::attempt(const Batch& batch, Micros arrival, bool one_by_one) {
  Committed committed;
  auto transaction = Transaction::begin(db_);
  if (!transaction) return transaction.error();
  const auto all = [&]() -> Result<> {
    for (const auto& received : batch.received) {
      auto done = one_by_one ? take_guarded(received, arrival, committed)
                             : take(received, arrival, committed);
      if (!done) return done;
    }
    for (const auto& letter : batch.dead_letters) {
      auto added = dead_letters_.add(letter);
      if (!added) return added;
    }
    if (committed.refused > 0) {
      auto counted = count_in_meta(db_, "reports_refused",
                                   static_cast<std::int64_t>(committed.refused));
      if (!counted) return counted;
    }
    auto trimmed = dead_letters_.trim();
    if (!trimmed) return trimmed;
    return transaction->commit();
  };
  auto done = all();
  if (!done) {
    forget();
    return done.error();
  }
  return committed;
}

Result<> Writer::take_guarded(const Received& received, Micros arrival, Committed& committed) {
  auto saved = db_.exec("SAVEPOINT report");
  if (!saved) return saved;
  Committed so_far = committed;
  auto done = take(received, arrival, so_far);
  if (done) {
    committed = so_far;
    return db_.exec("RELEASE report");
  }
  if (!about_a_report(done.error())) return done;
  auto undone = db_.exec("ROLLBACK TO report; RELEASE report");
  if (!undone) return undone;
  forget();
  return refuse(received.report, fmt::format("cannot be stored: {}", done.error().message), arrival,
                committed);
}

Result<> Writer::take(const Received& received, Micros arrival, Committed& committed) {
  if (auto fault = fault_of(received))
    return refuse(received.report, *std::move(fault), arrival, committed);
  if (owner_of(received.report)) {
    // Known before it was forbidden: a double, nothing else.
    auto doubled = known(received.report.id);
    if (!doubled) return doubled.error();
    if (*doubled) {
      ++committed.doubled;
      return {};
    }
    auto host = names_.find_host(received.report.host);
    if (!host) return host.error();
    if (*host != nullptr) {
      auto facts = facts_.look_up(**host);
      if (!facts) return facts;
    }
  }
  auto trespass = trespass_of(db_, names_, received);
  if (!trespass) return trespass.error();
  if (*trespass) return refuse(received.report, **std::move(trespass), arrival, committed);
  return store(received, arrival, committed);
}

/// Never one that was used before: tables and retention remember the ids of reports that are gone.
Result<std::int64_t> Writer::new_report_id() {
  if (last_report_id_ == 0) {
    auto last = db_.integer(
        "SELECT max(coalesce((SELECT max(report_id) FROM report), 0), "
        "coalesce((SELECT value FROM meta WHERE name = 'retention_report'), 0))");
    if (!last) return last;
    last_report_id_ = *last;
  }
  return last_report_id_ + 1;
}

Result<bool> Writer::known(const Uuid& uuid) {
  auto select = db_.prepare("SELECT 1 FROM report WHERE uuid = ?");
  if (!select) return select.error();
  return select->with(BlobView(uuid.bytes)).step();
}

Result<> Writer::refuse(const Report& report, std::string reason, Micros arrival,
                        Committed& committed) {
  ++committed.refused;
  return dead_letters_.add(
      make_dead_letter(to_wire(report), std::move(reason), arrival, report.id));
}

Result<std::vector<std::int64_t>> Writer::transact(const std::vector<Step>& steps) {
  auto transaction = Transaction::begin(db_);
  if (!transaction) return transaction.error();
  std::vector<std::int64_t> changes;
  for (const auto& step : steps) {
    auto statement = db_.prepare(step.sql);
    if (!statement) return statement.error();
    if (statement->parameters() != static_cast<int>(step.parameters.size()))
      return Error{ErrorCode::invalid,
                   fmt::format("{} parameters for {} places", step.parameters.size(),
                               statement->parameters()),
                   step.sql};
    for (std::size_t i = 0; i < step.parameters.size(); ++i)
      statement->bind(static_cast<int>(i) + 1, step.parameters[i]);
    auto done = statement->run();
    if (!done) return done.error();
    changes.push_back(statement->only_reads() ? 0 : db_.changes());
  }
  auto committed = transaction->commit();
  if (!committed) return committed.error();
  return changes;
}

}  // namespace sheepdog
