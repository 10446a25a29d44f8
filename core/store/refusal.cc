// refusal.cc -- what is wrong with a report's assertions in themselves.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/refusal.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <variant>
#include <vector>

namespace sheepdog {

namespace {

/// Something that may be said once: a status, a fact, a sample.
struct Claim {
  char kind = 0;  ///< s, f or n (number); facts are either there or not, so they are one kind
  std::string_view host;
  std::string_view name;
  std::optional<FactValue> value;

  auto subject() const { return std::tie(kind, host, name); }
};

class Reader {
 public:
  explicit Reader(const Report& report) : report_(report) {}

  std::optional<std::string> operator()(const assertion::Status& status) {
    const std::string& name = status.service ? *status.service : report_.service;
    return claim('s', status.host, name, static_cast<std::int64_t>(status.status),
                 service(status.service));
  }
  std::optional<std::string> operator()(const assertion::Fact& fact) {
    return claim('f', fact.host, fact.key, fact.value, std::nullopt);
  }
  std::optional<std::string> operator()(const assertion::Facts& facts) {
    if (auto fault = name_fault(facts.prefix))
      return fmt::format("the prefix of a set of facts {}", *fault);
    for (const auto& [key, value] : facts.facts) {
      if (!std::string_view(key).starts_with(facts.prefix))
        return fmt::format("fact {} is not under the prefix {}", key, facts.prefix);
      if (auto fault = claim('f', facts.host, key, value, std::nullopt)) return fault;
    }
    return name_of(facts.host, "host");
  }
  std::optional<std::string> operator()(const assertion::NoFact& fact) {
    return claim('f', fact.host, fact.key, std::nullopt, std::nullopt);
  }
  std::optional<std::string> operator()(const assertion::Sample& sample) {
    return claim('n', sample.host, sample.key, sample.value, std::nullopt);
  }
  std::optional<std::string> operator()(const assertion::Event& event) {
    if (auto fault = name_fault(event.name)) return fmt::format("the name of an event {}", *fault);
    if (auto fault = name_of(event.host, "host")) return fault;
    return name_of(event.service, "service");
  }
  std::optional<std::string> operator()(const assertion::Run&) { return std::nullopt; }
  std::optional<std::string> operator()(const assertion::Expect& expect) {
    if (expect.grace < 0) return "the grace of an expectation is negative";
    if (auto fault = name_of(expect.host, "host")) return fault;
    return name_of(expect.service, "service");
  }

  std::optional<std::string> contradiction() {
    const auto before = [](const Claim& a, const Claim& b) { return a.subject() < b.subject(); };
    if (claims_.size() < 2) return std::nullopt;
    std::sort(claims_.begin(), claims_.end(), before);
    for (std::size_t i = 1; i < claims_.size(); ++i) {
      const auto& a = claims_[i - 1];
      const auto& b = claims_[i];
      if (a.subject() == b.subject() && a.value != b.value)
        return fmt::format("says two different things of the {} {}",
                           a.kind == 's' ? "status of service"
                           : a.kind == 'f' ? "fact"
                                           : "sample",
                           a.name);
    }
    return std::nullopt;
  }

 private:
  std::optional<std::string> name_of(const std::optional<std::string>& name, const char* what) {
    if (!name) return std::nullopt;
    auto fault = name_fault(*name);
    if (fault) return fmt::format("the {} of an assertion {}", what, *fault);
    return std::nullopt;
  }
  std::optional<std::string> service(const std::optional<std::string>& name) {
    return name_of(name, "service");
  }

  std::optional<std::string> claim(char kind, const std::optional<std::string>& host,
                                   std::string_view name, std::optional<FactValue> value,
                                   std::optional<std::string> fault) {
    if (fault) return fault;
    if (auto wrong = name_of(host, "host")) return wrong;
    if (kind != 's')
      if (auto wrong = name_fault(name)) return fmt::format("the key of an assertion {}", *wrong);
    if (value)
      if (const auto* real = std::get_if<double>(&*value); real != nullptr && !std::isfinite(*real))
        return fmt::format("{} is not a number", name);
    claims_.push_back({kind, host ? *host : report_.host, name, std::move(value)});
    return std::nullopt;
  }

  const Report& report_;
  std::vector<Claim> claims_;
};

}  // namespace

std::optional<std::string> fault_of(const Received& received) {
  // The usual report says its own status, and nothing can be wrong with that.
  if (received.assertions.size() == 1)
    if (const auto* status = std::get_if<assertion::Status>(&received.assertions[0]);
        status != nullptr && !status->host && !status->service)
      return std::nullopt;
  Reader reader(received.report);
  for (const auto& assertion : received.assertions)
    if (auto fault = std::visit(reader, assertion)) return fault;
  return reader.contradiction();
}

}  // namespace sheepdog
