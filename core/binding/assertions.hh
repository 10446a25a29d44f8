// assertions.hh -- reports to Scheme, and what receivers make of them back to C++.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <libguile.h>

#include <string>
#include <vector>

#include "base/report.hh"
#include "base/result.hh"
#include "store/batch.hh"

namespace sheepdog::binding {

/// REPORT as a record of (sheepdog report). Never raises.
SCM to_scm(const Report& report);

/// A report that a monitor made. HOST, NOW (µs since the epoch) and ID stand in for what it left out.
/// Error: invalid, saying what is wrong with it.
Result<Report> to_report(SCM report, const std::string& host, Micros now, const Uuid& id);

/// The assertions in LIST, made by (sheepdog assertion) or by hand, about REPORT. Error: invalid,
/// naming the assertion that is none.
Result<std::vector<Assertion>> to_assertions(SCM list, const Report& report);

}  // namespace sheepdog::binding
