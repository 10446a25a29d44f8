// broker_primitives.cc -- the spool, the ways into it and the sources of reports for Scheme.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <optional>

#include "base/report.hh"
#include "binding/async_answer.hh"
#include "binding/convert.hh"
#include "binding/core.hh"
#include "binding/intake.hh"
#include "binding/reports.hh"
#include "broker/address.hh"
#include "broker/drop_server.hh"
#include "broker/forwarder.hh"
#include "broker/incoming.hh"
#include "broker/local_source.hh"
#include "broker/redis_source.hh"
#include "broker/spool.hh"
#include "broker/spool_look.hh"

namespace sheepdog::binding {

namespace {

struct BrokerTables {
  std::string host;  ///< of this machine's own reports
  // Destroyed from the last to the first: what uses the spool goes before it.
  std::unique_ptr<Spool> spool;
  std::unique_ptr<DropServer> drop;
  std::unique_ptr<Incoming> incoming;
  Table<Source> sources;
  std::unique_ptr<Forwarder> forwarder;
};

std::optional<BrokerTables> tables;

Spool* spool_or_raise(const char* who) {
  if (!tables->spool) scm_misc_error(who, "no spool is open", SCM_EOL);
  return tables->spool.get();
}

Source* source_of(const char* who, SCM id) {
  Source* source =
      scm_is_signed_integer(id, 0, INT64_MAX) ? tables->sources.find(scm_to_int64(id)) : nullptr;
  expect_argument(source != nullptr, who, 1, id, "source");
  return source;
}

// (%spool-open path host limit); one spool a process
SCM spool_open(SCM path, SCM host, SCM limit) {
  const char* who = "%spool-open";
  expect_argument(scm_is_string(path), who, 1, path, "string");
  expect_argument(scm_is_string(host), who, 2, host, "string");
  expect_argument(scm_is_unsigned_integer(limit, 1, SIZE_MAX / 4), who, 3, limit, "number of bytes");
  work(who, [&]() -> Result<> {
    SpoolOptions options;
    options.path = to_string(path);
    options.host = to_string(host);
    options.limit = scm_to_size_t(limit);
    auto spool = Spool::open(core().loop, core().clock, std::move(options));
    if (!spool) return spool.error();
    tables->host = to_string(host);
    tables->spool = *std::move(spool);
    return {};
  });
  return SCM_UNSPECIFIED;
}

// (%spool-append reports callback); REPORTS are records of (sheepdog report)
SCM spool_append(SCM reports, SCM callback) {
  const char* who = "%spool-append";
  Spool* spool = spool_or_raise(who);
  expect_argument(scm_ilength(reports) >= 0, who, 1, reports, "list of reports");
  expect_argument(scm_is_true(scm_procedure_p(callback)), who, 2, callback, "procedure");
  work(who, [&]() -> Result<> {
    std::vector<SpoolEntry> entries;
    const Micros now = core().clock.now();
    for (; scm_is_pair(reports); reports = SCM_CDR(reports)) {
      const auto report = to_report(SCM_CAR(reports), tables->host, now, core().ids.next());
      if (!report) return report.error();
      entries.push_back(spool_entry(*report, now));
      // Not full: it will never fit.
      if (const auto size = entries.back().body.size(); size > report_size_limit)
        return Error{ErrorCode::invalid,
                     fmt::format("the report of {} has {} bytes, the most is {}", report->service,
                                 size, report_size_limit),
                     ""};
    }
    const Answer answer(who, callback);
    spool->append(std::move(entries), [answer](const Result<>& done) { answer.give(done); });
    return {};
  });
  return SCM_UNSPECIFIED;
}

// (%spool-usage) -> #(entries bytes lost)
SCM spool_usage() {
  const auto& usage = spool_or_raise("%spool-usage")->usage();
  return scm_vector(scm_list_3(scm_from_size_t(usage.entries), scm_from_size_t(usage.bytes),
                               scm_from_int64(usage.lost)));
}

// (%spool-look path) -> #(entries bytes lost oldest-or-#f) of a spool that somebody else owns
SCM spool_look(SCM path) {
  expect_argument(scm_is_string(path), "%spool-look", 1, path, "string");
  SCM seen = SCM_BOOL_F;
  work("%spool-look", [&]() -> Result<> {
    const auto look = look_at_spool(to_string(path));
    if (!look) return look.error();
    seen = scm_vector(scm_list_4(scm_from_int64(look->entries), scm_from_int64(look->bytes),
                                 scm_from_int64(look->lost),
                                 look->oldest ? seconds_to_scm(*look->oldest) : SCM_BOOL_F));
    return {};
  });
  return seen;
}

// (%drop-open path everyone?) listens for local reporters
SCM drop_open(SCM path, SCM everyone) {
  const char* who = "%drop-open";
  Spool* spool = spool_or_raise(who);
  expect_argument(scm_is_string(path), who, 1, path, "string");
  work(who, [&]() -> Result<> {
    DropOptions options;
    options.path = to_string(path);
    options.host = tables->host;
    options.everyone = scm_is_true(everyone);
    auto drop =
        DropServer::open(core().loop, core().clock, core().random, *spool, std::move(options));
    if (!drop) return drop.error();
    tables->drop = *std::move(drop);
    return {};
  });
  return SCM_UNSPECIFIED;
}

// (%incoming-open directory everyone? callback) collects what waits there, now and from now on;
// the callback's value is how many files there were
SCM incoming_open(SCM directory, SCM everyone, SCM callback) {
  const char* who = "%incoming-open";
  Spool* spool = spool_or_raise(who);
  expect_argument(scm_is_string(directory), who, 1, directory, "string");
  expect_argument(scm_is_true(scm_procedure_p(callback)), who, 3, callback, "procedure");
  work(who, [&]() -> Result<> {
    IncomingOptions options;
    options.directory = to_string(directory);
    options.host = tables->host;
    options.everyone = scm_is_true(everyone);
    auto incoming = Incoming::open(core().loop, core().clock, *spool, std::move(options));
    if (!incoming) return incoming.error();
    tables->incoming = *std::move(incoming);
    const Answer answer(who, callback);
    tables->incoming->collect([answer](const Result<std::size_t>& files) {
      if (files) answer.succeed(scm_from_size_t(*files));
      else answer.fail(files.error());
    });
    return {};
  });
  return SCM_UNSPECIFIED;
}

// (%local-source) -> source that reads the spool
SCM local_source() {
  Spool* spool = spool_or_raise("%local-source");
  std::int64_t id = 0;
  work("%local-source", [&]() -> Result<> {
    id = tables->sources.add(std::make_unique<LocalSource>(*spool));
    return {};
  });
  return scm_from_int64(id);
}

// (%redis-source url group) -> source that reads the broker's stream as the consumer group GROUP
SCM redis_source(SCM url, SCM group) {
  const char* who = "%redis-source";
  expect_argument(scm_is_string(url), who, 1, url, "string");
  expect_argument(scm_is_string(group), who, 2, group, "string");
  std::int64_t id = 0;
  work(who, [&]() -> Result<> {
    const auto address = parse_broker_address(to_string(url));
    if (!address) return address.error();
    RedisSourceOptions options;
    options.group = to_string(group);
    id = tables->sources.add(std::make_unique<RedisSource>(core().loop, core().random, *address,
                                                           std::move(options)));
    return {};
  });
  return scm_from_int64(id);
}

// (%forward-open url) moves what comes into the spool to the broker, from now on
SCM forward_open(SCM url) {
  const char* who = "%forward-open";
  Spool* spool = spool_or_raise(who);
  expect_argument(scm_is_string(url), who, 1, url, "string");
  work(who, [&]() -> Result<> {
    const auto address = parse_broker_address(to_string(url));
    if (!address) return address.error();
    auto source = std::make_unique<LocalSource>(*spool);
    auto* from = source.get();
    tables->sources.add(std::move(source));
    tables->forwarder =
        std::make_unique<Forwarder>(core().loop, core().random, *from, *address);
    return {};
  });
  return SCM_UNSPECIFIED;
}

// (%broker-address url) -> the address without its password, for people
SCM broker_address(SCM url) {
  expect_argument(scm_is_string(url), "%broker-address", 1, url, "string");
  SCM text = SCM_BOOL_F;
  work("%broker-address", [&]() -> Result<> {
    const auto address = parse_broker_address(to_string(url));
    if (!address) return address.error();
    text = to_scm(std::string_view(address->text()));
    return {};
  });
  return text;
}

// (%source-next source max callback); the callback's value is (intake . reports)
SCM source_next(SCM id, SCM max, SCM callback) {
  const char* who = "%source-next";
  Source* source = source_of(who, id);
  expect_argument(scm_is_unsigned_integer(max, 1, 1'000'000), who, 2, max, "number of entries");
  expect_argument(scm_is_true(scm_procedure_p(callback)), who, 3, callback, "procedure");
  work(who, [&]() -> Result<> {
    const Answer answer(who, callback);
    source->next(scm_to_size_t(max), [answer, name = source->name()](Result<Source::Batch> batch) {
      if (!batch) return answer.fail(batch.error());
      auto intake =
          std::make_unique<Intake>(read_entries(*std::move(batch), name, core().clock.now()));
      SCM reports = SCM_EOL;
      for (auto it = intake->reports.rbegin(); it != intake->reports.rend(); ++it)
        reports = scm_cons(to_scm(*it), reports);
      const auto number = intakes().add(std::move(intake));
      answer.succeed(scm_cons(scm_from_int64(number), reports));
    });
    return {};
  });
  return SCM_UNSPECIFIED;
}

// (%source-acknowledge source intake callback) forgets the intake
SCM source_acknowledge(SCM id, SCM intake, SCM callback) {
  const char* who = "%source-acknowledge";
  Source* source = source_of(who, id);
  Intake* taken =
      scm_is_signed_integer(intake, 0, INT64_MAX) ? intakes().find(scm_to_int64(intake)) : nullptr;
  expect_argument(taken != nullptr, who, 2, intake, "intake");
  expect_argument(scm_is_true(scm_procedure_p(callback)), who, 3, callback, "procedure");
  work(who, [&]() -> Result<> {
    auto keys = std::move(taken->keys);
    intakes().remove(scm_to_int64(intake));
    const Answer answer(who, callback);
    source->acknowledge(std::move(keys), [answer](const Result<>& done) { answer.give(done); });
    return {};
  });
  return SCM_UNSPECIFIED;
}

// (%source-drained? source) -> true where all that had been sent by the last call of this has been
// handed out by now
SCM source_drained(SCM id) {
  return scm_from_bool(source_of("%source-drained?", id)->was_drained());
}

// (%intake reports) -> (intake . reports): REPORTS, which must have host, time and id, as their
// receivers get them
SCM intake_of(SCM reports) {
  const char* who = "%intake";
  expect_argument(scm_ilength(reports) >= 0, who, 1, reports, "list of reports");
  SCM taken = SCM_BOOL_F;
  work(who, [&]() -> Result<> {
    const Micros now = core().clock.now();
    std::vector<Entry> entries;
    for (; scm_is_pair(reports); reports = SCM_CDR(reports)) {
      const auto report = to_report(SCM_CAR(reports), "", now, core().ids.next());
      if (!report) return report.error();
      entries.push_back({{}, to_wire(*report), now, {}});
    }
    auto intake = std::make_unique<Intake>(read_entries(std::move(entries), "own", now));
    intake->keys.clear();
    SCM received = SCM_EOL;
    for (auto it = intake->reports.rbegin(); it != intake->reports.rend(); ++it)
      received = scm_cons(to_scm(*it), received);
    taken = scm_cons(scm_from_int64(intakes().add(std::move(intake))), received);
    return {};
  });
  return taken;
}

// (%intake-forget intake)
SCM intake_forget(SCM intake) {
  expect_argument(scm_is_signed_integer(intake, 0, INT64_MAX), "%intake-forget", 1, intake,
                  "intake");
  intakes().remove(scm_to_int64(intake));
  return SCM_UNSPECIFIED;
}

}  // namespace

void define_broker_primitives() {
  tables.emplace();
  define("%spool-open", 3, reinterpret_cast<void*>(spool_open));
  define("%spool-append", 2, reinterpret_cast<void*>(spool_append));
  define("%spool-usage", 0, reinterpret_cast<void*>(spool_usage));
  define("%spool-look", 1, reinterpret_cast<void*>(spool_look));
  define("%drop-open", 2, reinterpret_cast<void*>(drop_open));
  define("%incoming-open", 3, reinterpret_cast<void*>(incoming_open));
  define("%local-source", 0, reinterpret_cast<void*>(local_source));
  define("%redis-source", 2, reinterpret_cast<void*>(redis_source));
  define("%forward-open", 1, reinterpret_cast<void*>(forward_open));
  define("%broker-address", 1, reinterpret_cast<void*>(broker_address));
  define("%source-next", 3, reinterpret_cast<void*>(source_next));
  define("%source-drained?", 1, reinterpret_cast<void*>(source_drained));
  define("%intake", 1, reinterpret_cast<void*>(intake_of));
  define("%intake-forget", 1, reinterpret_cast<void*>(intake_forget));
  define("%source-acknowledge", 3, reinterpret_cast<void*>(source_acknowledge));
}

void close_broker_primitives() {
  tables.reset();
  intakes().clear();
}

}  // namespace sheepdog::binding
