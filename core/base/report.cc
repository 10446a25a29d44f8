// report.cc -- the names of statuses, what a name may be, and writing reports.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/report.hh"

#include <fmt/format.h>

#include <array>

#include "base/text.hh"

namespace sheepdog {

namespace {

constexpr std::array<std::string_view, 5> status_names{"ok", "warning", "critical", "unknown",
                                                       "missing"};

bool is_control(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u < 0x20 || u == 0x7f;
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

void make_one_line(std::string& text) {
  for (char& c : text)
    if (is_control(c)) c = ' ';
}

Json data_of(const Report& report) {
  auto data = report.data.empty() ? Result<Json>(Json::object()) : parse_json(report.data);
  return data && data->is_object() ? *std::move(data) : Json::object();
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
  if (report.uid) object["uid"] = *report.uid;
  if (report.imported) object["imported"] = true;
  auto text = to_json_text(object);
  if (!report.data.empty())
    text.replace(text.size() - 1, 1, ",\"data\":").append(report.data).append("}");
  return text;
}

}  // namespace sheepdog
