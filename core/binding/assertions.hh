// assertions.hh -- what receivers make of reports.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <libguile.h>

#include <vector>

#include "base/report.hh"
#include "base/result.hh"
#include "store/batch.hh"

namespace sheepdog::binding {

/// The assertions in LIST, made by (sheepdog assertion) or by hand, about REPORT. Error: invalid,
/// naming the assertion that is none.
Result<std::vector<Assertion>> to_assertions(SCM list, const Report& report);

}  // namespace sheepdog::binding
