// intake.hh -- entries of a source on their way to the store.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "binding/core.hh"
#include "broker/source.hh"
#include "store/batch.hh"

namespace sheepdog::binding {

/// What one batch of a source became: reports for their receivers, and dead letters.
struct Intake {
  std::vector<EntryKey> keys;
  std::vector<Report> reports;
  std::vector<std::string> bodies;  ///< of the reports, as they came
  std::vector<DeadLetter> dead_letters;
  /// What the receivers made of them, once they did; kept so that a commit can be tried again.
  std::shared_ptr<const Batch> batch;
};

/// Reads ENTRIES of the source called NAME. NOW is the latest that any of them can have arrived.
Intake read_entries(std::vector<Entry> entries, const std::string& name, Micros now);

/// The intakes that Scheme has in hand.
Table<Intake>& intakes();

}  // namespace sheepdog::binding
