// writer.hh -- the one who writes to the store.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hh"
#include "sqlite/db.hh"
#include "sqlite/statement.hh"
#include "store/batch.hh"
#include "store/dead_letters.hh"
#include "store/facts.hh"
#include "store/names.hh"
#include "store/runs.hh"
#include "store/statuses.hh"
#include "store/steady_time.hh"

namespace sheepdog {

struct WriterOptions {
  std::int64_t dead_letter_limit = 10'000;  ///< rows kept
};

/// What became of the reports of a batch.
struct Committed {
  std::size_t accepted = 0;
  std::size_t doubled = 0;   ///< known before; nothing was changed
  std::size_t refused = 0;   ///< became dead letters
  std::size_t unjudged = 0;  ///< changes and informs that judgement is to look at
};

/// A statement of transact().
struct Step {
  std::string sql;
  std::vector<Value> parameters;
};

/// Owns the writing connection; for one thread at a time. There is one writer to a store. What
/// commit() and transact() have returned without error is on the disk. It makes no checkpoints: a
/// Checkpointer is to run beside it, or the WAL grows.
class Writer {
 public:
  /// Opens or creates the store at PATH and brings it up to date. RANDOM is used for the uuid of a
  /// new store, and not kept. Errors: unsupported (a newer schema), denied, corrupt, io.
  static Result<std::unique_ptr<Writer>> open(const std::string& path, Random& random,
                                              WriterOptions options = {});

  /// Stores BATCH, which arrived at ARRIVAL, in one transaction. A report whose id is known
  /// changes nothing; one that may not be stored becomes a dead letter. An error (full, busy, io)
  /// is about the store: nothing of the batch is kept, and the same call may succeed later.
  Result<Committed> commit(const Batch& batch, Micros arrival);

  /// Runs STEPS in one transaction; how many rows each changed.
  Result<std::vector<std::int64_t>> transact(const std::vector<Step>& steps);

  /// The writer's connection, for retention; on the writer's thread.
  Db& db() { return db_; }

 private:
  struct Teller;
  Writer(Db db, const WriterOptions& options);
  Result<> prepare();
  Result<Committed> attempt(const Batch& batch, Micros arrival, bool one_by_one);
  Result<> take(const Received& received, Micros arrival, Committed& committed);
  Result<> take_guarded(const Received& received, Micros arrival, Committed& committed);
  Result<> store(const Received& received, Micros arrival, Committed& committed);
  Result<> store_assertions(const Received& received, const StoredReport& stored, Service& service,
                            Committed& committed);
  Result<> store_facts(const Received& received, const StoredReport& stored);
  Result<Host*> host_of(const std::optional<std::string>& name, const Report& report);
  Result<Service*> service_of(const std::optional<std::string>& host,
                              const std::optional<std::string>& service, const Report& report);
  Result<std::int64_t> new_report_id();
  Result<bool> known(const Uuid& uuid);
  Result<> refuse(const Report& report, std::string reason, Micros arrival, Committed& committed);
  void forget();

  Db db_;
  Names names_;
  Facts facts_;
  Runs runs_;
  DeadLetters dead_letters_;
  SteadyTime steady_time_;
  std::int64_t last_report_id_ = 0;  ///< 0: not looked up
  // The statements of every report, kept out of the cache.
  std::optional<Statement> insert_report_;
  std::optional<Statement> insert_sample_;
  std::optional<Statuses> statuses_;
};

}  // namespace sheepdog
