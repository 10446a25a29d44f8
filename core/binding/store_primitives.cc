// store_primitives.cc -- the store's writer for Scheme.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <optional>

#include "binding/assertions.hh"
#include "binding/async_answer.hh"
#include "binding/convert.hh"
#include "binding/core.hh"
#include "binding/intake.hh"
#include "loop/worker.hh"
#include "sqlite/checkpoint.hh"
#include "store/retention.hh"
#include "store/schema.hh"
#include "store/statistics.hh"
#include "store/writer.hh"

namespace sheepdog::binding {

namespace {

/// A writer and the thread that it is used on.
struct OpenStore {
  std::string path;
  std::unique_ptr<Writer> writer;
  std::string id;
  RetentionSettings retention_settings;
  std::optional<Retention> retention;         ///< the worker's
  Statistics statistics;                      ///< the worker's
  std::optional<Checkpointer> checkpointer;   ///< its own worker's
  std::unique_ptr<Worker> worker;
  std::unique_ptr<Worker> checkpoint_worker;  ///< made when it is needed first

  OpenStore(std::string p, std::unique_ptr<Writer> w, std::string i, std::unique_ptr<Worker> thread)
      : path(std::move(p)),
        writer(std::move(w)),
        id(std::move(i)),
        statistics(writer->db()),
        worker(std::move(thread)) {}
};

std::optional<Table<OpenStore>> stores;

OpenStore* store_of(const char* who, SCM id) {
  OpenStore* store =
      scm_is_signed_integer(id, 0, INT64_MAX) ? stores->find(scm_to_int64(id)) : nullptr;
  expect_argument(store != nullptr, who, 1, id, "open store");
  return store;
}

// (%store-open path) -> store
SCM store_open(SCM path) {
  expect_argument(scm_is_string(path), "%store-open", 1, path, "string");
  std::int64_t id = 0;
  work("%store-open", [&]() -> Result<> {
    auto writer = Writer::open(to_string(path), core().random);
    if (!writer) return writer.error();
    const auto uuid = store_uuid((*writer)->db());
    if (!uuid) return uuid.error();
    auto worker = Worker::start(core().loop);
    if (!worker) return worker.error();
    id = stores->add(std::make_unique<OpenStore>(to_string(path), *std::move(writer), *uuid,
                                                 *std::move(worker)));
    return {};
  });
  return scm_from_int64(id);
}

// (%store-id store) -> string
SCM store_id(SCM id) {
  const OpenStore* store = store_of("%store-id", id);
  return to_scm(std::string_view(store->id));
}

// (%store-close store) waits for what is being written
SCM store_close(SCM id) {
  store_of("%store-close", id);
  stores->remove(scm_to_int64(id));
  return SCM_UNSPECIFIED;
}

bool is_verdict(SCM value) {
  return scm_is_pair(value) && scm_is_symbol(SCM_CAR(value)) &&
         (scm_is_string(SCM_CDR(value)) || scm_ilength(SCM_CDR(value)) >= 0);
}

/// VERDICTS, one for each report of INTAKE, as a batch; the reports move into it.
Batch to_batch(Intake& intake, SCM verdicts, Micros now) {
  static const SCM dead = scm_gc_protect_object(scm_from_utf8_symbol("dead"));
  static const SCM unknown = scm_gc_protect_object(scm_from_utf8_symbol("unknown-plugin"));
  Batch batch;
  batch.dead_letters = std::move(intake.dead_letters);
  batch.received.reserve(intake.reports.size());
  for (std::size_t i = 0; i < intake.reports.size(); ++i, verdicts = SCM_CDR(verdicts)) {
    const SCM kind = SCM_CAR(SCM_CAR(verdicts));
    const SCM value = SCM_CDR(SCM_CAR(verdicts));
    Report& report = intake.reports[i];
    const auto bury = [&](std::string reason) {
      batch.dead_letters.push_back(
          make_dead_letter(intake.bodies[i], std::move(reason), now, report.id));
    };
    if (scm_is_eq(kind, dead)) {
      bury(scm_is_string(value) ? to_string(value) : "refused");
      continue;
    }
    auto assertions = to_assertions(value, report);
    if (!assertions) bury("receiver " + report.plugin + ": " + assertions.error().message);
    else
      batch.received.push_back(
          {std::move(report), *std::move(assertions), bool{scm_is_eq(kind, unknown)}});
  }
  return batch;
}

// (%store-commit store intake verdicts callback); VERDICTS has a pair for each report, in order:
// (received . assertions), (unknown-plugin . assertions) or (dead . reason).
// The callback's value is #(accepted doubled refused unjudged). After a failure the same call may be
// made again; the verdicts are then the ones of before.
SCM store_commit(SCM id, SCM intake, SCM verdicts, SCM callback) {
  const char* who = "%store-commit";
  OpenStore* store = store_of(who, id);
  Intake* taken =
      scm_is_signed_integer(intake, 0, INT64_MAX) ? intakes().find(scm_to_int64(intake)) : nullptr;
  expect_argument(taken != nullptr, who, 2, intake, "intake");
  expect_argument(
      taken->batch || scm_ilength(verdicts) == static_cast<long>(taken->reports.size()), who, 3,
      verdicts, "list of a verdict for each report");
  for (SCM rest = verdicts; scm_is_pair(rest); rest = SCM_CDR(rest))
    expect_argument(is_verdict(SCM_CAR(rest)), who, 3, SCM_CAR(rest), "verdict");
  expect_argument(scm_is_true(scm_procedure_p(callback)), who, 4, callback, "procedure");
  work(who, [&]() -> Result<> {
    const Micros now = core().clock.now();
    if (!taken->batch) taken->batch = std::make_shared<const Batch>(to_batch(*taken, verdicts, now));
    const LaterAnswer later(Answer(who, callback));
    store->worker->submit([writer = store->writer.get(), batch = taken->batch, now, later] {
      auto done = std::make_shared<Result<Committed>>(writer->commit(*batch, now));
      return [done, later] {
        const Answer answer = later.take();
        if (!*done) return answer.fail(done->error());
        const Committed& c = **done;
        answer.succeed(scm_vector(scm_list_4(scm_from_size_t(c.accepted), scm_from_size_t(c.doubled),
                                             scm_from_size_t(c.refused),
                                             scm_from_size_t(c.unjudged))));
      };
    });
    return {};
  });
  return SCM_UNSPECIFIED;
}

bool is_statement(SCM value) {
  return scm_ilength(value) >= 1 && scm_is_string(SCM_CAR(value));
}

// (%store-transact store statements callback); a statement is (SQL PARAMETER ...).
// The callback's value is the list of how many rows each changed.
SCM store_transact(SCM id, SCM statements, SCM callback) {
  const char* who = "%store-transact";
  OpenStore* store = store_of(who, id);
  expect_argument(scm_ilength(statements) >= 0, who, 2, statements, "list of statements");
  for (SCM rest = statements; scm_is_pair(rest); rest = SCM_CDR(rest))
    expect_argument(is_statement(SCM_CAR(rest)), who, 2, SCM_CAR(rest), "statement");
  expect_argument(scm_is_true(scm_procedure_p(callback)), who, 3, callback, "procedure");
  work(who, [&]() -> Result<> {
    auto steps = std::make_shared<std::vector<Step>>();
    for (SCM rest = statements; scm_is_pair(rest); rest = SCM_CDR(rest)) {
      Step step{to_string(SCM_CAR(SCM_CAR(rest))), {}};
      for (SCM p = SCM_CDR(SCM_CAR(rest)); scm_is_pair(p); p = SCM_CDR(p)) {
        auto value = to_value(SCM_CAR(p));
        if (!value) return value.error();
        step.parameters.push_back(*std::move(value));
      }
      steps->push_back(std::move(step));
    }
    const LaterAnswer later(Answer(who, callback));
    store->worker->submit([writer = store->writer.get(), steps, later] {
      auto done = std::make_shared<Result<std::vector<std::int64_t>>>(writer->transact(*steps));
      return [done, later] {
        const Answer answer = later.take();
        if (!*done) return answer.fail(done->error());
        SCM counts = SCM_EOL;
        for (auto it = (*done)->rbegin(); it != (*done)->rend(); ++it)
          counts = scm_cons(scm_from_int64(*it), counts);
        answer.succeed(counts);
      };
    });
    return {};
  });
  return SCM_UNSPECIFIED;
}

/// Do WORK, which gives a Result, on WORKER; ANSWER turns its value into Scheme.
template <typename Work, typename Pack>
void answer_from(Worker& worker, const char* who, SCM callback, Work work_there, Pack pack) {
  const LaterAnswer later(Answer(who, callback));
  worker.submit([work_there, later, pack] {
    auto done = std::make_shared<decltype(work_there())>(work_there());
    return [done, later, pack] {
      const Answer answer = later.take();
      if (*done) answer.succeed(pack(**done));
      else answer.fail(done->error());
    };
  });
}

// (%store-retain store #(reports samples failed-runs? imports?) callback) lets go of a little of
// what is old; REPORTS and SAMPLES are seconds. The callback's value is true where there is more.
SCM store_retain(SCM id, SCM settings, SCM callback) {
  const char* who = "%store-retain";
  OpenStore* store = store_of(who, id);
  expect_argument(scm_is_vector(settings) && scm_c_vector_length(settings) == 4 &&
                      scm_is_real(scm_c_vector_ref(settings, 0)) &&
                      scm_is_real(scm_c_vector_ref(settings, 1)),
                  who, 2, settings, "vector of 4 settings");
  expect_argument(scm_is_true(scm_procedure_p(callback)), who, 3, callback, "procedure");
  work(who, [&]() -> Result<> {
    const auto reports = to_micros(scm_c_vector_ref(settings, 0));
    if (!reports) return reports.error();
    const auto samples = to_micros(scm_c_vector_ref(settings, 1));
    if (!samples) return samples.error();
    const RetentionSettings wanted{.reports = *reports,
                                   .samples = *samples,
                                   .failed_runs = scm_is_true(scm_c_vector_ref(settings, 2)),
                                   .imports = scm_is_true(scm_c_vector_ref(settings, 3))};
    answer_from(
        *store->worker, who, callback,
        [store, wanted, now = core().clock.now()] {
          if (!store->retention || !(store->retention_settings == wanted)) {
            store->retention.emplace(store->writer->db(), wanted);
            store->retention_settings = wanted;
          }
          return store->retention->step(now);
        },
        [](bool more) { return scm_from_bool(more); });
    return {};
  });
  return SCM_UNSPECIFIED;
}

// (%store-statistics store growth callback) looks at how the values of one table are spread, if
// there are GROWTH, 1 or more, times the reports of last time. The callback's value is true where
// there are more tables to look at.
SCM store_statistics(SCM id, SCM growth, SCM callback) {
  const char* who = "%store-statistics";
  OpenStore* store = store_of(who, id);
  expect_argument(scm_is_real(growth), who, 2, growth, "real number");
  expect_argument(scm_is_true(scm_procedure_p(callback)), who, 3, callback, "procedure");
  work(who, [&]() -> Result<> {
    answer_from(
        *store->worker, who, callback,
        [store, wanted = scm_to_double(growth)] { return store->statistics.step(wanted); },
        [](bool more) { return scm_from_bool(more); });
    return {};
  });
  return SCM_UNSPECIFIED;
}

// (%store-checkpoint store callback) moves what was committed into the database file; the
// callback's value is true where something is left to move
SCM store_checkpoint(SCM id, SCM callback) {
  const char* who = "%store-checkpoint";
  OpenStore* store = store_of(who, id);
  expect_argument(scm_is_true(scm_procedure_p(callback)), who, 2, callback, "procedure");
  work(who, [&]() -> Result<> {
    if (!store->checkpoint_worker) {
      auto worker = Worker::start(core().loop);
      if (!worker) return worker.error();
      store->checkpoint_worker = *std::move(worker);
    }
    answer_from(
        *store->checkpoint_worker, who, callback,
        [store]() -> Result<CheckpointDone> {
          if (!store->checkpointer) {
            auto opened = Checkpointer::open(store->path);
            if (!opened) return opened.error();
            store->checkpointer = *std::move(opened);
          }
          return store->checkpointer->step();
        },
        [](const CheckpointDone& done) {
          return scm_from_bool(!done.emptied && done.moved < done.frames);
        });
    return {};
  });
  return SCM_UNSPECIFIED;
}

}  // namespace

void define_store_primitives() {
  stores.emplace();
  define("%store-open", 1, reinterpret_cast<void*>(store_open));
  define("%store-id", 1, reinterpret_cast<void*>(store_id));
  define("%store-close", 1, reinterpret_cast<void*>(store_close));
  define("%store-commit", 4, reinterpret_cast<void*>(store_commit));
  define("%store-retain", 3, reinterpret_cast<void*>(store_retain));
  define("%store-statistics", 3, reinterpret_cast<void*>(store_statistics));
  define("%store-checkpoint", 2, reinterpret_cast<void*>(store_checkpoint));
  define("%store-transact", 3, reinterpret_cast<void*>(store_transact));
}

void close_store_primitives() { stores.reset(); }

}  // namespace sheepdog::binding
