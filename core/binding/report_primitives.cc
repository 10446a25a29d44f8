// report_primitives.cc -- reports, and what is wrong with one or with what is made of it, for Scheme.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/report.hh"
#include "binding/assertions.hh"
#include "binding/convert.hh"
#include "binding/core.hh"
#include "binding/reports.hh"

namespace sheepdog::binding {

namespace {

// (%report-type! vtable)
SCM keep_report_type(SCM vtable) {
  expect_argument(scm_is_true(scm_struct_vtable_p(vtable)), "%report-type!", 1, vtable, "record type");
  set_report_type(vtable);
  return SCM_UNSPECIFIED;
}

// (%report->wire report host) -> the JSON that travels, with HOST where the report names none
SCM report_to_wire(SCM report, SCM host) {
  const char* who = "%report->wire";
  expect_argument(scm_is_string(host), who, 2, host, "string");
  SCM text = SCM_BOOL_F;
  work(who, [&]() -> Result<> {
    const auto read = to_report(report, to_string(host), core().clock.now(), core().ids.next());
    if (!read) return read.error();
    text = to_scm(std::string_view(to_wire(*read)));
    return {};
  });
  return text;
}

// (%name-fault text) -> #f, or what keeps TEXT from being the name of a host, service or plugin
SCM name_fault_of(SCM text) {
  expect_argument(scm_is_string(text), "%name-fault", 1, text, "string");
  SCM fault = SCM_BOOL_F;
  work("%name-fault", [&]() -> Result<> {
    if (const auto found = name_fault(to_string(text))) fault = to_scm(std::string_view(*found));
    return {};
  });
  return fault;
}

// (%assertions-fault report assertions) -> #f, or what the store would not take of ASSERTIONS, the
// value of a receiver; REPORT is as its receiver got it
SCM assertions_fault(SCM report, SCM list) {
  SCM fault = SCM_BOOL_F;
  work("%assertions-fault", [&]() -> Result<> {
    const auto read = to_report(report, "", core().clock.now(), core().ids.next());
    if (!read) return read.error();
    if (const auto assertions = to_assertions(list, *read); !assertions)
      fault = to_scm(std::string_view(assertions.error().message));
    return {};
  });
  return fault;
}

}  // namespace

void define_report_primitives() {
  define("%report->wire", 2, reinterpret_cast<void*>(report_to_wire));
  define("%name-fault", 1, reinterpret_cast<void*>(name_fault_of));
  define("%assertions-fault", 2, reinterpret_cast<void*>(assertions_fault));
  define("%report-type!", 1, reinterpret_cast<void*>(keep_report_type));
}

}  // namespace sheepdog::binding
