// trespass.cc -- what a local user may not say.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <variant>

#include "base/open_plugin.hh"
#include "sqlite/statement.hh"
#include "store/refusal.hh"

namespace sheepdog {

namespace {

using Reason = std::optional<std::string>;

class Gate {
 public:
  Gate(Db& db, Names& names, const Report& report) : db_(db), names_(names), report_(report) {}

  Result<Reason> service(std::string_view name) {
    auto found = names_.find_service(report_.host, name);
    if (!found) return found.error();
    if (*found == nullptr || (*found)->owner == report_.uid) return Reason();
    if (!(*found)->owner)
      return Reason(fmt::format("service {} belongs to root, user {} may not report it", name,
                                *report_.uid));
    return Reason(fmt::format("service {} belongs to user {}, user {} may not report it", name,
                              *(*found)->owner, *report_.uid));
  }

  /// Whether another service tells KEY, or all the facts under a prefix of it.
  Result<Reason> fact(std::string_view key) {
    return other(
        "SELECT s.name FROM host h JOIN fact f ON f.host_id = h.host_id "
        "JOIN key k ON k.key_id = f.key_id JOIN report r ON r.report_id = f.report_id "
        "JOIN service s ON s.service_id = r.service_id "
        "WHERE h.name = ?1 AND k.name = ?2 AND f.until IS NULL "
        "AND NOT (s.host_id = h.host_id AND s.name = ?3) LIMIT 1",
        key);
  }

  /// Whether another service tells all the facts among which KEY_OR_PREFIX falls.
  Result<Reason> sets(std::string_view key_or_prefix) {
    auto host = names_.find_host(report_.host);
    if (!host) return host.error();
    if (*host == nullptr) return Reason();
    for (const auto& [id, prefix] : (*host)->prefixes) {
      const auto length = std::min(prefix.size(), key_or_prefix.size());
      if (key_or_prefix.substr(0, length) != std::string_view(prefix).substr(0, length)) continue;
      auto reason = other(
          "SELECT s.name FROM (SELECT report_id FROM fact_set WHERE prefix_id = "
          "(SELECT key_id FROM key WHERE name = ?2) AND host_id = "
          "(SELECT host_id FROM host WHERE name = ?1) ORDER BY time DESC LIMIT 1) p "
          "JOIN report r ON r.report_id = p.report_id "
          "JOIN service s ON s.service_id = r.service_id JOIN host h ON h.host_id = s.host_id "
          "WHERE NOT (h.name = ?1 AND s.name = ?3)",
          prefix);
      if (!reason || *reason) return reason;
    }
    return Reason();
  }

  Result<Reason> facts_under(std::string_view prefix) {
    return other(
        "SELECT s.name FROM host h CROSS JOIN fact f ON f.host_id = h.host_id "
        "JOIN key k ON k.key_id = f.key_id JOIN report r ON r.report_id = f.report_id "
        "JOIN service s ON s.service_id = r.service_id "
        "WHERE h.name = ?1 AND substr(k.name, 1, length(?2)) = ?2 AND f.until IS NULL "
        "AND NOT (s.host_id = h.host_id AND s.name = ?3) LIMIT 1",
        prefix);
  }

  /// Whether another service told the oldest sample of KEY that is kept.
  Result<Reason> sample(std::string_view key) {
    return other(
        "SELECT s.name FROM (SELECT report_id FROM sample WHERE host_id = "
        "(SELECT host_id FROM host WHERE name = ?1) AND key_id = "
        "(SELECT key_id FROM key WHERE name = ?2) ORDER BY time LIMIT 1) p "
        "JOIN report r ON r.report_id = p.report_id "
        "JOIN service s ON s.service_id = r.service_id JOIN host h ON h.host_id = s.host_id "
        "WHERE NOT (h.name = ?1 AND s.name = ?3)",
        key, "sample");
  }

  Result<Reason> operator()(const assertion::Status& status) {
    return target(status.host, status.service);
  }
  Result<Reason> operator()(const assertion::Event& event) {
    return target(event.host, event.service);
  }
  Result<Reason> operator()(const assertion::Expect& expect) {
    return target(expect.host, expect.service);
  }
  Result<Reason> operator()(const assertion::Run& run) {
    auto select = db_.prepare(
        "SELECT s.name FROM run n JOIN service s ON s.service_id = n.service_id "
        "JOIN host h ON h.host_id = s.host_id "
        "WHERE n.uuid = ? AND NOT (h.name = ? AND s.name = ?)");
    if (!select) return select.error();
    auto found = select->with(BlobView(run.run.bytes), report_.host, report_.service).step();
    if (!found) return found.error();
    if (!*found) return Reason();
    return Reason(fmt::format("run {} belongs to service {}", run.run.text(), select->text(0)));
  }
  Result<Reason> operator()(const assertion::Sample& one) {
    auto reason = target(one.host, {});
    if (reason && !*reason) reason = sample(one.key);
    return reason;
  }
  Result<Reason> operator()(const assertion::Fact& one) { return key(one.host, one.key); }
  Result<Reason> operator()(const assertion::NoFact& one) { return key(one.host, one.key); }
  Result<Reason> operator()(const assertion::Facts& all) {
    auto reason = target(all.host, {});
    if (reason && !*reason) reason = sets(all.prefix);
    if (reason && !*reason) reason = facts_under(all.prefix);
    return reason;
  }

 private:
  Result<Reason> target(const std::optional<std::string>& host,
                        const std::optional<std::string>& name) {
    if (host && *host != report_.host)
      return Reason(fmt::format("user {} may not report about host {}", *report_.uid, *host));
    if (name) return service(*name);
    return Reason();
  }

  Result<Reason> key(const std::optional<std::string>& host, std::string_view name) {
    auto reason = target(host, {});
    if (reason && !*reason) reason = fact(name);
    if (reason && !*reason) reason = sets(name);
    return reason;
  }

  /// SQL selects the name of another service that tells SUBJECT.
  Result<Reason> other(const char* sql, std::string_view subject, const char* kind = "fact") {
    auto select = db_.prepare(sql);
    if (!select) return select.error();
    auto found = select->with(report_.host, subject, report_.service).step();
    if (!found) return found.error();
    if (!*found) return Reason();
    return Reason(fmt::format("{} {} is told by service {}, user {} may not change it", kind,
                              subject, select->text(0), *report_.uid));
  }

  Db& db_;
  Names& names_;
  const Report& report_;
};

}  // namespace

Result<Reason> trespass_of(Db& db, Names& names, const Received& received) {
  const Report& report = received.report;
  Gate gate(db, names, report);
  if (!report.uid || *report.uid == 0) {
    for (const auto& assertion : received.assertions)
      if (const auto* run = std::get_if<assertion::Run>(&assertion)) {
        auto reason = gate(*run);
        if (!reason || *reason) return reason;
      }
    return Reason();
  }
  if (auto closed = closed_to_sender(report)) return closed;
  auto reason = gate.service(report.service);
  for (const auto& assertion : received.assertions) {
    if (!reason || *reason) return reason;
    reason = std::visit(gate, assertion);
  }
  return reason;
}

}  // namespace sheepdog
