// report.cc -- reading and writing reports.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/report.hh"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace sheepdog {

namespace {

constexpr std::array<std::string_view, 5> status_names{"ok", "warning", "critical", "unknown",
                                                       "missing"};

Error wrong(std::string message) { return {ErrorCode::invalid, std::move(message), ""}; }

bool is_control(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u < 0x20 || u == 0x7f;
}

Result<Status> status_of(const Json& value) {
  if (value.is_number_integer() || value.is_number_unsigned()) {
    const auto n = value.get<std::int64_t>();
    if (n >= 0 && n <= 3) return static_cast<Status>(n);
  } else if (value.is_string()) {
    const auto status = parse_status(value.get_ref<const std::string&>());
    if (status && *status != Status::missing) return *status;
  }
  return wrong("status is not one of ok, warning, critical, unknown or 0 to 3");
}

Result<Micros> time_of(const Json& value) {
  if (!value.is_number()) return wrong("time is not a number of seconds since 1970");
  if (value.is_number_integer()) {
    const auto seconds = value.get<std::int64_t>();
    // Past this, a number of seconds is really one of milliseconds.
    if (seconds < 0 || (value.is_number_unsigned() && value.get<std::uint64_t>() > 100'000'000'000))
      return wrong("time is not in seconds since 1970");
    return seconds * micros_per_second;
  }
  const auto seconds = value.get<double>();
  if (!(seconds >= 0 && seconds <= 1e11)) return wrong("time is not in seconds since 1970");
  return static_cast<Micros>(std::llround(seconds * 1e6));
}

Result<std::string> name_of(const Json& object, const char* field) {
  const auto found = object.find(field);
  if (found == object.end()) return wrong(fmt::format("{} is missing", field));
  if (!found->is_string()) return wrong(fmt::format("{} is not a string", field));
  const auto& name = found->get_ref<const std::string&>();
  if (const auto fault = name_fault(name)) return wrong(fmt::format("{} {}", field, *fault));
  return name;
}

}  // namespace

std::string_view to_string(Status status) { return status_names[static_cast<std::size_t>(status)]; }

Result<Status> parse_status(std::string_view name) {
  for (std::size_t i = 0; i < status_names.size(); ++i)
    if (status_names[i] == name) return static_cast<Status>(i);
  return Error{ErrorCode::invalid, "not a status; one of ok, warning, critical, unknown, missing",
               std::string(name.substr(0, 64))};
}

std::optional<std::string> name_fault(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name.size() > name_size_limit)
    return fmt::format("is longer than {} bytes", name_size_limit);
  for (const char c : name)
    if (is_control(c)) return "has a control character";
  if (!is_utf8(name)) return "is not UTF-8";
  return std::nullopt;
}

Result<Report> parse_report(std::string_view text, std::string_view derive_from, Micros arrival,
                            std::size_t limit) {
  if (text.size() > limit)
    return Error{ErrorCode::full,
                 fmt::format("{} bytes; a report has at most {}", text.size(), report_size_limit),
                 ""};
  auto parsed = parse_json(text);
  if (!parsed) return parsed.error();
  Json& object = *parsed;
  if (!object.is_object()) return wrong("not a JSON object");

  if (const auto v = object.find("v"); v != object.end()) {
    if (!v->is_number_integer()) return wrong("v is not a number");
    if (*v != report_version)
      return Error{ErrorCode::unsupported,
                   fmt::format("version {} of the report; this program reads version {}",
                               to_json_text(*v), report_version),
                   ""};
  }

  Report report;
  if (const auto id = object.find("id"); id != object.end() && !id->is_null()) {
    if (!id->is_string()) return wrong("id is not a string");
    const auto read = parse_uuid(id->get_ref<const std::string&>());
    if (!read) return wrong("id is not a UUID");
    report.id = *read;
  } else {
    report.id = derive_uuid(derive_from);
  }

  report.time = arrival;
  if (const auto time = object.find("time"); time != object.end() && !time->is_null()) {
    const auto read = time_of(*time);
    if (!read) return read.error();
    if (*read > arrival + skew_limit)
      report.skew = *read - arrival;
    else
      report.time = *read;
  }

  auto host = name_of(object, "host");
  if (!host) return host.error();
  report.host = *std::move(host);
  auto service = name_of(object, "service");
  if (!service) return service.error();
  report.service = *std::move(service);
  if (object.contains("plugin")) {
    auto plugin = name_of(object, "plugin");
    if (!plugin) return plugin.error();
    report.plugin = *std::move(plugin);
  }

  if (const auto status = object.find("status"); status != object.end() && !status->is_null()) {
    const auto read = status_of(*status);
    if (!read) return read.error();
    report.status = *read;
  }

  if (const auto summary = object.find("summary"); summary != object.end()) {
    if (!summary->is_string()) return wrong("summary is not a string");
    report.summary = std::move(summary->get_ref<std::string&>());
    for (char& c : report.summary)
      if (is_control(c)) c = ' ';
  }
  if (const auto data = object.find("data"); data != object.end() && !data->is_null()) {
    if (!data->is_object()) return wrong("data is not an object");
    report.data = std::move(*data);
  }
  if (const auto uid = object.find("uid"); uid != object.end()) {
    if (!uid->is_number_unsigned() || *uid > UINT32_MAX) return wrong("uid is not a user's number");
    report.uid = uid->get<std::uint32_t>();
  }
  if (const auto imported = object.find("imported"); imported != object.end()) {
    if (!imported->is_boolean()) return wrong("imported is not true or false");
    report.imported = imported->get<bool>();
  }
  return report;
}

std::string to_wire(const Report& report) {
  Json object{{"v", report_version},
              {"id", report.id.text()},
              {"time", static_cast<double>(report.time) / 1e6},
              {"service", report.service},
              {"plugin", report.plugin},
              {"status", to_string(report.status)}};
  if (!report.host.empty()) object["host"] = report.host;
  if (!report.summary.empty()) object["summary"] = report.summary;
  if (!report.data.empty()) object["data"] = report.data;
  if (report.uid) object["uid"] = *report.uid;
  if (report.imported) object["imported"] = true;
  return to_json_text(object);
}

}  // namespace sheepdog
