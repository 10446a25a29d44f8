// open_plugin.hh -- which receivers a local user's report may reach.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "base/report.hh"

namespace sheepdog {

/// Why the sender of REPORT may not reach its receiver, which is a reason not to call it; nullopt
/// where he may. A local user (report.uid) reaches message, run, fact and sample.
std::optional<std::string> closed_to_sender(const Report& report);

}  // namespace sheepdog
