// reports.hh -- reports to Scheme, and back.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <libguile.h>

#include <string>

#include "base/report.hh"
#include "base/result.hh"

namespace sheepdog::binding {

/// VTABLE is the record type <report> of (sheepdog report): reports are made and known by it.
void set_report_type(SCM vtable);

/// REPORT as a record of (sheepdog report). Never raises.
SCM to_scm(const Report& report);

/// A report that a monitor made. HOST, NOW (µs since the epoch) and ID stand in for what it left out.
/// Error: invalid, saying what is wrong with it.
Result<Report> to_report(SCM report, const std::string& host, Micros now, const Uuid& id);

}  // namespace sheepdog::binding
