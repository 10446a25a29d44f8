// receive.cc -- a report and its assertions into their tables.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <map>
#include <variant>

#include "store/writer.hh"

namespace sheepdog {

namespace {

Value value_of(const FactValue& value) {
  return std::visit([](const auto& v) { return Value(v); }, value);
}

/// Clocks that are wrong by always the same drift a little; not every report need say so.
bool skew_changed(Micros known, Micros now) {
  if ((known == 0) != (now == 0)) return true;
  return known - now > micros_per_second || now - known > micros_per_second;
}

/// The facts of one host that a report tells, put together.
struct Gathered {
  std::map<std::int64_t, std::pair<Value, bool>> facts;  ///< key_id to value and in_set
  std::vector<std::string> prefixes;
};

}  // namespace

Result<Host*> Writer::host_of(const std::optional<std::string>& name, const Report& report) {
  return names_.host(name ? *name : report.host);
}

Result<Service*> Writer::service_of(const std::optional<std::string>& host,
                                    const std::optional<std::string>& service,
                                    const Report& report) {
  auto found = host_of(host, report);
  if (!found) return found.error();
  return names_.service(**found, service ? *service : report.service, report.plugin,
                        owner_of(report));
}

Result<> Writer::store(const Received& received, Micros arrival, Committed& committed) {
  const Report& report = received.report;
  auto host = names_.host(report.host);
  if (!host) return host.error();
  auto service = names_.service(**host, report.service, report.plugin, owner_of(report));
  if (!service) return service.error();

  auto id = new_report_id();
  if (!id) return id.error();
  const Micros time = steady_time_.of(report, arrival);
  insert_report_->with(*id, BlobView(report.id.bytes), (*service)->id, time, arrival,
                       report.plugin, received.unknown_plugin,
                       static_cast<std::int64_t>(report.status), report.uid, report.imported,
                       report.skew, report.summary);
  if (report.data.empty()) insert_report_->bind(13, nullptr);
  else insert_report_->bind(13, report.data);
  auto inserted = insert_report_->run();
  if (!inserted) return inserted;
  if (db_.changes() == 0) {
    ++committed.doubled;
    return {};
  }
  ++committed.accepted;

  last_report_id_ = *id;
  const StoredReport stored{*id, report.id, time, report.imported};

  if ((*service)->plugin != report.plugin) {
    auto set = names_.set_plugin(**service, report.plugin);
    if (!set) return set;
  }
  if (!report.imported && skew_changed((*host)->skew, report.skew)) {
    auto set = names_.set_skew(**host, report.skew);
    if (!set) return set;
  }
  return store_assertions(received, stored, **service, committed);
}

/// Stores what is not about facts; these are taken together afterwards.
struct Writer::Teller {
  Writer& writer;
  const Report& report;
  const StoredReport& stored;
  Service& own;
  Committed& committed;
  bool status_told = false;
  bool facts_told = false;

  /// The usual assertion is about the report's own service, which is at hand.
  Result<Service*> service_of(const std::optional<std::string>& host,
                              const std::optional<std::string>& service) {
    if (!host && !service) return &own;
    return writer.service_of(host, service, report);
  }

  Result<> operator()(const assertion::Status& said) {
    auto service = service_of(said.host, said.service);
    if (!service) return service.error();
    const bool elsewhere = *service != &own;
    status_told |= !elsewhere;
    std::optional<std::string_view> summary;
    if (said.summary != report.summary) summary = said.summary;
    auto changed =
        writer.statuses_->observe(**service, stored, said.status, elsewhere, summary);
    if (!changed) return changed.error();
    committed.unjudged += *changed;
    return {};
  }

  Result<> operator()(const assertion::Sample& said) {
    auto host = writer.host_of(said.host, report);
    if (!host) return host.error();
    auto key = writer.names_.key(said.key);
    if (!key) return key.error();
    return writer.insert_sample_->run((*host)->id, *key, stored.time, stored.id, said.value);
  }

  Result<> operator()(const assertion::Event& said) {
    auto service = service_of(said.host, said.service);
    if (!service) return service.error();
    auto insert = writer.db_.prepare(
        "INSERT INTO event(service_id, time, name, data, report_id, judged) "
        "VALUES(?, ?, ?, ?, ?, ?)");
    if (!insert) return insert.error();
    const bool judged = said.name != "inform" || stored.imported;
    committed.unjudged += !judged;
    return insert->run((*service)->id, stored.time, said.name, said.data, stored.id, judged);
  }

  Result<> operator()(const assertion::Run& said) { return writer.runs_.tell(own, stored, said); }

  Result<> operator()(const assertion::Expect& said) {
    auto service = service_of(said.host, said.service);
    if (!service) return service.error();
    auto put = writer.db_.prepare(
        "INSERT INTO expectation(service_id, due, grace, time, report_id) VALUES(?, ?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET due = excluded.due, grace = excluded.grace, "
        "time = excluded.time, report_id = excluded.report_id "
        "WHERE excluded.time > time OR (excluded.time = time AND "
        "(SELECT uuid FROM report WHERE report_id = excluded.report_id) > "
        "coalesce((SELECT uuid FROM report r WHERE r.report_id = expectation.report_id), x''))");
    if (!put) return put.error();
    return put->run((*service)->id, said.due, said.grace, stored.time, stored.id);
  }

  Result<> operator()(const assertion::Fact&) { return facts_told = true, Result<>(); }
  Result<> operator()(const assertion::Facts&) { return facts_told = true, Result<>(); }
  Result<> operator()(const assertion::NoFact&) { return facts_told = true, Result<>(); }
};

Result<> Writer::store_assertions(const Received& received, const StoredReport& stored,
                                  Service& service, Committed& committed) {
  Teller teller{*this, received.report, stored, service, committed};
  for (const auto& assertion : received.assertions) {
    auto done = std::visit(teller, assertion);
    if (!done) return done;
  }
  if (!teller.status_told) {
    auto mentioned = statuses_->mention(service, stored);
    if (!mentioned) return mentioned;
  }
  return teller.facts_told ? store_facts(received, stored) : Result<>();
}

Result<> Writer::store_facts(const Received& received, const StoredReport& stored) {
  std::map<Host*, Gathered> hosts;
  const auto add = [&](const auto& host, const std::string& name, Value value,
                       bool in_set) -> Result<> {
    auto key = names_.key(name);
    if (!key) return key.error();
    // Said in a set and beside it as well: it is said by itself.
    auto [one, is_new] = hosts[host].facts.try_emplace(*key, std::move(value), in_set);
    if (!is_new) one->second.second &= in_set;
    return {};
  };
  for (const auto& assertion : received.assertions) {
    Result<> done;
    if (const auto* fact = std::get_if<assertion::Fact>(&assertion)) {
      auto host = host_of(fact->host, received.report);
      if (!host) return host.error();
      done = add(*host, fact->key, value_of(fact->value), false);
    } else if (const auto* ended = std::get_if<assertion::NoFact>(&assertion)) {
      auto host = host_of(ended->host, received.report);
      if (!host) return host.error();
      done = add(*host, ended->key, Value(), false);
    } else if (const auto* all = std::get_if<assertion::Facts>(&assertion)) {
      auto host = host_of(all->host, received.report);
      if (!host) return host.error();
      hosts[*host].prefixes.push_back(all->prefix);
      for (const auto& [key, value] : all->facts) {
        done = add(*host, key, value_of(value), true);
        if (!done) return done;
      }
    }
    if (!done) return done;
  }
  for (auto& [host, gathered] : hosts) {
    SaidFacts said;
    said.prefixes = std::move(gathered.prefixes);
    for (auto& [key, one] : gathered.facts)
      said.facts.push_back({key, std::move(one.first), one.second});
    auto done = facts_.observe(*host, stored, std::move(said));
    if (!done) return done;
  }
  return {};
}

}  // namespace sheepdog
