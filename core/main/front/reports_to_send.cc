// reports_to_send.cc -- from a command line to the reports that it means.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <charconv>

#include "main/front/checks.hh"
#include "main/front/send.hh"

namespace sheepdog {

namespace {

/// A whole number is a number, true and false are what plugins mean by them. "1.20" is more often a
/// version than a number, so it stays text.
Json fact_value(const std::string& text) {
  if (text == "true" || text == "false") return text == "true";
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, code] = std::from_chars(text.data(), end, number);
  if (code == std::errc{} && stopped == end && std::to_string(number) == text) return number;
  return text;
}

Result<Json> facts(const cli::Parsed& parsed) {
  Json found = Json::object();
  for (const auto& fact : parsed.texts("fact")) {
    const auto equals = fact.find('=');
    if (equals == 0 || equals == fact.npos)
      return usage_error(parsed,
                         fmt::format("--fact: {} is not KEY=VALUE; write it as in rack=7",
                                     cli::as_given(fact)));
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
  const auto wrong = [&](std::string_view message) { return usage_error(parsed, message); };
  for (const auto* option : {"host", "service", "plugin"})
    if (const auto checked = check_name(parsed, option); !checked) return checked.error();
  if (const auto checked = check_broker(parsed); !checked) return checked.error();
  Report base;
  base.time = now;
  base.host = parsed.text("host");
  const auto service = parsed.text("service");

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
      return wrong(fmt::format("--summary: {} is more than one line; put more into --data",
                               cli::as_given(report.summary)));
    if (parsed.has("status")) {
      auto status = status_of(parsed.text("status"));
      if (!status) return status.error();
      report.status = *status;
    }
    if (parsed.has("data")) {
      auto data = parse_json(parsed.text("data"));
      const auto right = "write a JSON object, as in '{\"size\": 1}'";
      if (!data)
        return wrong(fmt::format("--data: {} is {}; {}", cli::as_given(parsed.text("data")),
                                 data.error().message, right));
      if (!data->is_object())
        return wrong(fmt::format("--data: {} is not a JSON object; {}",
                                 cli::as_given(parsed.text("data")), right));
      report.data = to_json_text(*data);
    }
    reports.push_back(std::move(report));
  }
  if (parsed.has("fact")) {
    auto data = facts(parsed);
    if (!data) return data.error();
    Report report = base;
    report.service = service.empty() ? "facts" : service;
    report.plugin = message ? "fact" : parsed.text("plugin", "fact");
    report.data = to_json_text(*data);
    reports.push_back(std::move(report));
  }
  for (const auto& report : reports)
    if (const auto size = to_wire(report).size(); size > report_size_limit)
      return wrong(fmt::format("the report would have {} bytes; {} are allowed", size,
                               report_size_limit));
  return reports;
}

}  // namespace sheepdog
