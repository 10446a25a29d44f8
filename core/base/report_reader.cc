// report_reader.cc -- reading reports from strangers.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <cmath>

#include "base/json_reader.hh"
#include "base/report.hh"

namespace sheepdog {

namespace {

using Type = simdjson::dom::element_type;

Error wrong(std::string message) { return {ErrorCode::invalid, std::move(message), ""}; }

std::string_view text_of(JsonElement value) { return value.get_string().value_unsafe(); }

Result<Status> status_of(JsonElement value) {
  std::int64_t number = 0;
  if (value.get(number) == simdjson::SUCCESS) {
    if (number >= 0 && number <= 3) return static_cast<Status>(number);
  } else if (value.is_string()) {
    const auto status = parse_status(text_of(value));
    if (status && *status != Status::missing) return *status;
  }
  return wrong("status is not one of ok, warning, critical, unknown or 0 to 3");
}

Result<Micros> time_of(JsonElement value) {
  if (!value.is_number()) return wrong("time is not a number of seconds since 1970");
  // Past this, a number of seconds is really one of milliseconds.
  constexpr double latest = 1e11;
  const double seconds = value.get_double().value_unsafe();
  if (!(seconds >= 0 && seconds <= latest)) return wrong("time is not in seconds since 1970");
  return static_cast<Micros>(std::llround(seconds * 1e6));
}

Result<std::string> name_of(JsonElement value, std::string_view field) {
  if (!value.is_string()) return wrong(fmt::format("{} is not a string", field));
  const auto name = text_of(value);
  if (const auto fault = name_fault(name)) return wrong(fmt::format("{} {}", field, *fault));
  return std::string(name);
}

Result<> set_name(std::string& place, JsonElement value, std::string_view field) {
  auto name = name_of(value, field);
  if (!name) return name.error();
  place = *std::move(name);
  return {};
}

/// The fields of a report; each is set by what the object has under its name, the last where a name
/// comes twice.
struct Fields {
  Report report;
  bool has_id = false;
  std::optional<Micros> time;

  Result<> take(std::string_view field, JsonElement value) {
    if (value.is_null()) return {};  // says nothing
    if (field == "host") return set_name(report.host, value, field);
    if (field == "service") return set_name(report.service, value, field);
    if (field == "plugin") return set_name(report.plugin, value, field);
    if (field == "summary") {
      if (!value.is_string()) return wrong("summary is not a string");
      report.summary = text_of(value);
      make_one_line(report.summary);
      return {};
    }
    if (field == "uid") {
      std::uint64_t number = 0;
      if (value.get(number) != simdjson::SUCCESS || number > UINT32_MAX)
        return wrong("uid is not a user's number");
      report.uid = static_cast<std::uint32_t>(number);
      return {};
    }
    if (field == "imported") {
      if (value.get(report.imported) != simdjson::SUCCESS)
        return wrong("imported is not true or false");
      return {};
    }
    if (field == "v") return check_version(value);
    if (field == "id") {
      if (!value.is_string()) return wrong("id is not a string");
      const auto id = parse_uuid(text_of(value));
      if (!id) return wrong("id is not a UUID");
      report.id = *id;
      has_id = true;
    } else if (field == "time") {
      const auto read = time_of(value);
      if (!read) return read.error();
      time = *read;
    } else if (field == "status") {
      const auto read = status_of(value);
      if (!read) return read.error();
      report.status = *read;
    } else if (field == "data") {
      if (!value.is_object()) return wrong("data is not an object");
      report.data = simdjson::minify(value);
      if (report.data == "{}") report.data.clear();
    }
    return {};
  }

 private:
  static Result<> check_version(JsonElement value) {
    std::int64_t version = 0;
    if (value.get(version) != simdjson::SUCCESS) return wrong("v is not a number");
    if (version == report_version) return {};
    return Error{ErrorCode::unsupported,
                 fmt::format("version {} of the report; this program reads version {}", version,
                             report_version),
                 ""};
  }
};

}  // namespace

Result<Report> parse_report(std::string_view text, std::string_view derive_from, Micros arrival,
                            std::size_t limit) {
  if (text.size() > limit)
    return Error{ErrorCode::full,
                 fmt::format("{} bytes; a report has at most {}", text.size(), report_size_limit),
                 ""};
  const auto root = read_json(text);
  if (!root) return root.error();
  simdjson::dom::object object;
  if (root->get(object) != simdjson::SUCCESS) return wrong("not a JSON object");

  Fields fields;
  Result<> first_fault;
  for (const auto& [field, value] : object) {
    auto taken = fields.take(field, value);
    // Another version may mean another thing by every other field.
    if (!taken && taken.error().code == ErrorCode::unsupported) return taken.error();
    if (!taken && first_fault) first_fault = std::move(taken);
  }
  if (!first_fault) return first_fault.error();
  Report& report = fields.report;
  if (report.host.empty()) return wrong("host is missing");
  if (report.service.empty()) return wrong("service is missing");
  if (!fields.has_id) report.id = derive_uuid(derive_from);
  report.time = arrival;
  if (fields.time && *fields.time > arrival + skew_limit) report.skew = *fields.time - arrival;
  else if (fields.time) report.time = *fields.time;
  return std::move(report);
}

}  // namespace sheepdog
