// reports.cc -- reports to Scheme, and back.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a monitor makes is a user's, so nothing about its shape is believed. Nothing here raises:
// every scm_ call is made on a value whose type was tested before.
#include "binding/reports.hh"

#include <fmt/format.h>

#include "binding/convert.hh"
#include "binding/guile.hh"

namespace sheepdog::binding {

namespace {

Kept report_type;

enum ReportField { host, service, plugin, status, summary, time, data, id, field_count };

SCM status_symbol(Status value) {
  static const SCM symbols[] = {
      scm_from_utf8_symbol("ok"), scm_from_utf8_symbol("warning"), scm_from_utf8_symbol("critical"),
      scm_from_utf8_symbol("unknown"), scm_from_utf8_symbol("missing")};
  return symbols[static_cast<std::size_t>(value)];
}

/// Reports of one plugin come one after another.
SCM plugin_symbol(const std::string& name) {
  static std::string last;
  static Kept symbol;
  if (name != last || scm_is_false(symbol.get())) {
    symbol = Kept(scm_string_to_symbol(to_scm(std::string_view(name))));
    last = name;
  }
  return symbol.get();
}

Error wrong(std::string message) { return {ErrorCode::invalid, std::move(message), ""}; }

/// The data of a report as text; VALUE is an alist, or a variable with the text or the alist.
Result<std::string> data_text(SCM value) {
  if (scm_is_true(scm_variable_p(value))) value = SCM_VARIABLE_REF(value);
  if (scm_is_string(value)) return to_string(value);
  const auto json = to_json(value);
  if (!json) return wrong(fmt::format(": {}", json.error().message));
  if (json->empty()) return std::string();
  if (!json->is_object()) return wrong(" is not an alist");
  return to_json_text(*json);
}

}  // namespace

void set_report_type(SCM vtable) { report_type = Kept(vtable); }

SCM to_scm(const Report& report) {
  SCM fields[field_count];
  fields[host] = to_scm(std::string_view(report.host));
  fields[service] = to_scm(std::string_view(report.service));
  fields[plugin] = plugin_symbol(report.plugin);
  fields[status] = status_symbol(report.status);
  fields[summary] = to_scm(std::string_view(report.summary));
  fields[time] = seconds_to_scm(report.time);
  // Text until a receiver looks into it.
  fields[data] =
      report.data.empty() ? SCM_EOL : scm_make_variable(to_scm(std::string_view(report.data)));
  fields[id] = SCM_BOOL_F;
  return scm_c_make_structv(report_type.get(), 0, field_count,
                            reinterpret_cast<scm_t_bits*>(fields));
}

Result<Report> to_report(SCM value, const std::string& own_host, Micros now, const Uuid& own_id) {
  if (!scm_is_true(scm_struct_p(value)) ||
      !scm_is_eq(scm_struct_vtable(value), report_type.get()))
    return wrong("a monitor returned something that is not a report");
  const auto field = [&](ReportField f) {
    return scm_struct_ref(value, scm_from_int(static_cast<int>(f)));
  };
  Report report;
  report.id = own_id;
  if (scm_is_true(field(id))) {
    if (!scm_is_string(field(id))) return wrong("a report's id is not a string");
    const auto given = parse_uuid(to_string(field(id)));
    if (!given) return given.error();
    report.id = *given;
  }
  report.host = scm_is_string(field(host)) ? to_string(field(host)) : own_host;
  if (!scm_is_string(field(service))) return wrong("a report's service is not a string");
  report.service = to_string(field(service));
  for (const auto* name : {&report.host, &report.service})
    if (const auto fault = name_fault(*name))
      return wrong(fmt::format("the name \"{}\" {}", *name, *fault));
  if (scm_is_symbol(field(plugin))) report.plugin = to_string(field(plugin));
  if (!scm_is_symbol(field(status))) return wrong("a report's status is not a symbol");
  const auto read = parse_status(to_string(field(status)));
  if (!read) return read.error();
  report.status = *read;
  if (scm_is_string(field(summary))) report.summary = to_string(field(summary));
  report.time = now;
  if (scm_is_true(field(time))) {
    const auto given = to_micros(field(time));
    if (!given) return given.error();
    report.time = *given;
  }
  auto read_data = data_text(field(data));
  if (!read_data)
    return wrong(fmt::format("the data of {}{}", report.service, read_data.error().message));
  report.data = *std::move(read_data);
  return report;
}

}  // namespace sheepdog::binding
