// assertions.cc -- what receivers make of reports.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a receiver returns is a user's, so nothing about its shape is believed. Nothing here raises:
// every scm_ call is made on a value whose type was tested before.
#include "binding/assertions.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "binding/convert.hh"

namespace sheepdog::binding {

namespace {

Error wrong(std::string message) { return {ErrorCode::invalid, std::move(message), ""}; }

bool is_given(SCM value) { return scm_is_true(value); }

/// Reads the fields of one assertion by place; the first fault is kept and the rest are skipped.
class Fields {
 public:
  explicit Fields(SCM vector) : vector_(vector), size_(scm_c_vector_length(vector)) {}

  std::optional<std::string> fault;

  std::optional<std::string> text(std::size_t place, const char* what) {
    const SCM value = at(place);
    if (!is_given(value)) return std::nullopt;
    if (!scm_is_string(value)) return fail(what, "a string");
    return to_string(value);
  }
  std::optional<std::string> name(std::size_t place, const char* what) {
    auto given = text(place, what);
    if (given)
      if (const auto bad = name_fault(*given)) return fail_with(fmt::format("{} {}", what, *bad));
    return given;
  }
  std::string needed_name(std::size_t place, const char* what) {
    auto given = name(place, what);
    if (!given && !fault) fault = fmt::format("{} is missing", what);
    return given.value_or("");
  }
  std::optional<std::string> symbol(std::size_t place, const char* what) {
    const SCM value = at(place);
    if (!is_given(value)) return std::nullopt;
    if (!scm_is_symbol(value)) return fail(what, "a symbol");
    return to_string(value);
  }
  std::optional<std::int64_t> integer(std::size_t place, const char* what) {
    const SCM value = at(place);
    if (!is_given(value)) return std::nullopt;
    if (!scm_is_signed_integer(value, INT64_MIN, INT64_MAX)) {
      fail(what, "a whole number");
      return std::nullopt;
    }
    return scm_to_int64(value);
  }
  std::optional<Micros> seconds(std::size_t place, const char* what) {
    const SCM value = at(place);
    if (!is_given(value)) return std::nullopt;
    const auto micros = to_micros(value);
    if (!micros) {
      fail(what, "a number of seconds");
      return std::nullopt;
    }
    return *micros;
  }
  std::optional<std::string> json(std::size_t place, const char* what) {
    const SCM value = at(place);
    if (!is_given(value)) return std::nullopt;
    const auto json = to_json(value);
    if (!json) return fail_with(fmt::format("{}: {}", what, json.error().message));
    return to_json_text(*json);
  }
  SCM at(std::size_t place) const {
    return place < size_ ? scm_c_vector_ref(vector_, place) : SCM_BOOL_F;
  }
  std::nullopt_t fail(const char* what, const char* expected) {
    return fail_with(fmt::format("{} is not {}", what, expected));
  }
  std::nullopt_t fail_with(std::string text) {
    if (!fault) fault = std::move(text);
    return std::nullopt;
  }

 private:
  SCM vector_;
  std::size_t size_;
};

std::optional<FactValue> fact_value(SCM value) {
  if (scm_is_string(value)) return FactValue(to_string(value));
  if (scm_is_bool(value)) return FactValue(std::int64_t{scm_is_true(value)});
  if (scm_is_signed_integer(value, INT64_MIN, INT64_MAX)) return FactValue(scm_to_int64(value));
  if (scm_is_real(value) && std::isfinite(scm_to_double(value)))
    return FactValue(scm_to_double(value));
  return std::nullopt;
}

/// Symbols are interned, so comparing pointers is enough.
std::optional<Status> status_of(SCM symbol) {
  static constexpr std::array said{Status::ok, Status::warning, Status::critical, Status::unknown};
  static const std::vector<SCM> symbols = [] {
    std::vector<SCM> s;
    for (const auto status : said)
      s.push_back(scm_gc_protect_object(
          scm_string_to_symbol(to_scm(std::string_view(to_string(status))))));
    return s;
  }();
  const auto found = std::find_if(symbols.begin(), symbols.end(),
                                  [&](SCM known) { return scm_is_eq(known, symbol); });
  if (found == symbols.end()) return std::nullopt;
  return said[static_cast<std::size_t>(found - symbols.begin())];
}

Assertion read_status(Fields& f, const Report& report) {
  assertion::Status a;
  if (const auto read = status_of(f.at(1))) a.status = *read;
  else f.fail("status", "ok, warning, critical or unknown");
  auto summary = f.text(2, "summary");
  a.summary = summary ? *std::move(summary) : report.summary;
  a.host = f.name(3, "host");
  a.service = f.name(4, "service");
  return a;
}

Assertion read_fact(Fields& f, const Report&) {
  assertion::Fact a;
  a.key = f.needed_name(1, "key");
  if (auto value = fact_value(f.at(2))) a.value = *std::move(value);
  else f.fail(fmt::format("the value of {}", a.key).c_str(), "a string, finite number or boolean");
  a.host = f.name(3, "host");
  return a;
}

Assertion read_facts(Fields& f, const Report&) {
  assertion::Facts a;
  a.prefix = f.needed_name(1, "prefix") + ".";
  SCM rest = f.at(2);
  if (scm_ilength(rest) < 0) f.fail("facts", "a list of pairs");
  else a.facts.reserve(static_cast<std::size_t>(scm_ilength(rest)));
  for (; !f.fault && scm_is_pair(rest); rest = SCM_CDR(rest)) {
    const SCM pair = SCM_CAR(rest);
    if (!scm_is_pair(pair) || !scm_is_string(SCM_CAR(pair))) {
      f.fail("facts", "a list of pairs with strings as keys");
      break;
    }
    std::string key = a.prefix + to_string(SCM_CAR(pair));
    auto value = fact_value(SCM_CDR(pair));
    if (const auto bad = name_fault(key)) f.fail_with(fmt::format("key {}", *bad));
    else if (!value) f.fail_with(fmt::format("the value of {} is not a string, finite number or boolean", key));
    else a.facts.emplace_back(std::move(key), *std::move(value));
  }
  a.host = f.name(3, "host");
  return a;
}

Assertion read_no_fact(Fields& f, const Report&) {
  assertion::NoFact a;
  a.key = f.needed_name(1, "key");
  a.host = f.name(2, "host");
  return a;
}

Assertion read_sample(Fields& f, const Report&) {
  assertion::Sample a;
  a.key = f.needed_name(1, "key");
  const SCM value = f.at(2);
  if (scm_is_real(value) && std::isfinite(scm_to_double(value))) a.value = scm_to_double(value);
  else f.fail("sample", "a finite number");
  a.host = f.name(3, "host");
  return a;
}

Assertion read_event(Fields& f, const Report&) {
  assertion::Event a;
  a.name = f.symbol(1, "name").value_or("");
  if (a.name.empty()) f.fail("name", "a symbol");
  a.data = f.json(2, "data").value_or("{}");
  a.host = f.name(3, "host");
  a.service = f.name(4, "service");
  return a;
}

Assertion read_run(Fields& f, const Report& report) {
  assertion::Run a;
  const auto run = parse_uuid(f.text(1, "run").value_or(""));
  if (run) a.run = *run;
  else f.fail("run", "a UUID");
  const auto phase = f.symbol(2, "phase").value_or("");
  if (phase == "start") a.phase = assertion::RunPhase::start;
  else if (phase == "renew") a.phase = assertion::RunPhase::renew;
  else if (phase == "end" || phase == "vanished") a.phase = assertion::RunPhase::end;
  else f.fail("phase", "start, renew, end or vanished");
  if (phase == "vanished") a.outcome = assertion::Outcome::vanished;
  if (const auto name = f.symbol(3, "outcome")) {
    const auto outcome = assertion::parse_outcome(*name);
    if (outcome) a.outcome = *outcome;
    else f.fail("outcome", "succeeded, failed, timed-out, vanished, cancelled or unknown");
  }
  a.started = f.seconds(4, "started");
  a.ended = f.seconds(5, "ended");
  if (const auto lease = f.seconds(6, "lease")) a.lease_until = report.time + *lease;
  a.exit = f.integer(7, "exit");
  a.signal = f.integer(8, "signal");
  a.error = f.text(9, "error");
  a.user_cpu = f.seconds(10, "user-cpu");
  a.system_cpu = f.seconds(11, "system-cpu");
  a.peak_memory = f.integer(12, "peak-memory");
  a.output_bytes = f.integer(13, "output-bytes");
  a.argv = f.json(14, "argv");
  a.user = f.text(15, "user");
  a.directory = f.text(16, "directory");
  a.attempt = f.integer(17, "attempts");
  return a;
}

Assertion read_expect(Fields& f, const Report& report) {
  assertion::Expect a;
  a.due = report.time + f.seconds(1, "within").value_or(0);
  a.grace = f.seconds(2, "grace").value_or(0);
  a.service = f.name(3, "service");
  return a;
}

struct Kind {
  const char* name;
  Assertion (*read)(Fields&, const Report&);
};

constexpr Kind kinds[] = {{"status", read_status}, {"fact", read_fact},     {"facts", read_facts},
                          {"no-fact", read_no_fact}, {"sample", read_sample}, {"event", read_event},
                          {"run", read_run},       {"expect", read_expect}};

const Kind* kind_of(SCM symbol) {
  // Symbols are interned, so comparing pointers is enough.
  static const std::vector<SCM> symbols = [] {
    std::vector<SCM> s;
    for (const auto& kind : kinds)
      s.push_back(scm_gc_protect_object(scm_from_utf8_symbol(kind.name)));
    return s;
  }();
  for (std::size_t i = 0; i < symbols.size(); ++i)
    if (scm_is_eq(symbol, symbols[i])) return &kinds[i];
  return nullptr;
}

}  // namespace

Result<std::vector<Assertion>> to_assertions(SCM list, const Report& report) {
  const long count = scm_ilength(list);
  if (count < 0) return wrong("the receiver did not return a list of assertions");
  std::vector<Assertion> assertions;
  assertions.reserve(static_cast<std::size_t>(count));
  for (int n = 1; scm_is_pair(list); list = SCM_CDR(list), ++n) {
    const SCM item = SCM_CAR(list);
    const Kind* kind = scm_is_vector(item) && scm_c_vector_length(item) > 0
                           ? kind_of(scm_c_vector_ref(item, 0))
                           : nullptr;
    if (!kind) return wrong(fmt::format("value {} that the receiver returned is no assertion", n));
    Fields fields(item);
    assertions.push_back(kind->read(fields, report));
    if (fields.fault)
      return wrong(fmt::format("assertion {} ({}): {}", n, kind->name, *fields.fault));
  }
  return assertions;
}

}  // namespace sheepdog::binding
