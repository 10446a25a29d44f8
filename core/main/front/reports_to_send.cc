// reports_to_send.cc -- from a command line to the reports that it means.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <charconv>

#include "main/front/identity.hh"
#include "main/front/send.hh"

namespace sheepdog {

namespace {

Error wrong(std::string message) {
  return {ErrorCode::invalid, fmt::format("sheepdog send: {}", message), {}};
}

/// A whole number is a number. "1.20" is more often a version than a number, so it stays text.
Json fact_value(const std::string& text) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, code] = std::from_chars(text.data(), end, number);
  if (code == std::errc{} && stopped == end && std::to_string(number) == text) return number;
  return text;
}

Result<Json> facts(const std::vector<std::string>& given) {
  Json found = Json::object();
  for (const auto& fact : given) {
    const auto equals = fact.find('=');
    if (equals == 0 || equals == fact.npos)
      return wrong(fmt::format("--fact: \"{}\" is not KEY=VALUE", fact));
    found[fact.substr(0, equals)] = fact_value(fact.substr(equals + 1));
  }
  return found;
}

Result<Status> status_of(const std::string& text) {
  if (text.size() == 1) return static_cast<Status>(text[0] - '0');
  return parse_status(text);
}

}  // namespace

Result<std::vector<Report>> reports_to_send(const cli::Parsed& parsed, Micros now) {
  Report base;
  base.time = now;
  base.host = parsed.text("host");
  if (parsed.has("host"))
    if (const auto fault = name_fault(base.host)) return wrong(fmt::format("--host: {}", *fault));
  const auto service = parsed.text("service");
  if (parsed.has("service"))
    if (const auto fault = name_fault(service)) return wrong(fmt::format("--service: {}", *fault));

  std::vector<Report> reports;
  const bool message = parsed.has("status") || parsed.has("summary") || parsed.has("data") ||
                       (parsed.has("plugin") && !parsed.has("fact"));
  if (message || !parsed.has("fact")) {
    if (service.empty()) return wrong("which service? Add --service NAME");
    Report report = base;
    report.service = service;
    report.plugin = parsed.text("plugin", "message");
    report.summary = parsed.text("summary");
    if (report.summary.find('\n') != std::string::npos)
      return wrong("--summary: one line only; put more into --data");
    if (parsed.has("status")) {
      auto status = status_of(parsed.text("status"));
      if (!status) return status.error();
      report.status = *status;
    }
    if (parsed.has("data")) {
      auto data = parse_json(parsed.text("data"));
      if (!data) return wrong(fmt::format("--data: {}", data.error().message));
      if (!data->is_object()) return wrong("--data: a JSON object is needed, as in {\"size\": 1}");
      report.data = std::move(*data);
    }
    reports.push_back(std::move(report));
  }
  if (parsed.has("fact")) {
    auto data = facts(parsed.texts("fact"));
    if (!data) return data.error();
    Report report = base;
    report.service = service.empty() ? "facts" : service;
    report.plugin = message ? "fact" : parsed.text("plugin", "fact");
    report.data = std::move(*data);
    reports.push_back(std::move(report));
  }
  for (const auto& report : reports)
    if (const auto size = to_wire(report).size(); size > report_size_limit)
      return wrong(fmt::format("the report would have {} bytes; {} are allowed", size,
                               report_size_limit));
  return reports;
}

}  // namespace sheepdog
