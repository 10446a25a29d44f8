// refusal.hh -- why a report is not stored but becomes a dead letter.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "sqlite/db.hh"
#include "store/batch.hh"
#include "store/names.hh"

namespace sheepdog {

/// What is wrong with the assertions of RECEIVED in themselves: names that are none, numbers that
/// are none, two different things said of one subject. A set does not contradict what is said
/// beside it. Nullopt where nothing is.
std::optional<std::string> fault_of(const Received& received);

/// Why the sender of RECEIVED may not say this; nullopt where he may. A local user (report.uid) has
/// his own services, and facts that no other service tells; nobody has another service's runs.
/// Error: of the database.
Result<std::optional<std::string>> trespass_of(Db& db, Names& names, const Received& received);

}  // namespace sheepdog
