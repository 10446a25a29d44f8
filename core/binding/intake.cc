// intake.cc -- entries of a source on their way to the store.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "binding/intake.hh"

#include <algorithm>

#include "base/open_plugin.hh"

namespace sheepdog::binding {

Table<Intake>& intakes() {
  static Table<Intake> table;
  return table;
}

Intake read_entries(std::vector<Entry> entries, const std::string& name, Micros now) {
  Intake intake;
  intake.keys.reserve(entries.size());
  intake.reports.reserve(entries.size());
  intake.bodies.reserve(entries.size());
  for (auto& entry : entries) {
    intake.keys.push_back(entry.key);
    // A broker says when an entry came, and its clock may have been ahead once.
    entry.arrival = std::min(entry.arrival, now);
    const std::string origin = name + ' ' + entry.key.text();
    if (!entry.fault.empty()) {
      intake.dead_letters.push_back(make_dead_letter(entry.body, std::move(entry.fault),
                                                     entry.arrival, derive_uuid(origin)));
      continue;
    }
    auto report = parse_report(entry.body, origin, entry.arrival,
                               entry.stamped ? stamped_size_limit : report_size_limit);
    if (const auto closed = report ? closed_to_sender(*report) : std::nullopt) {
      intake.dead_letters.push_back(
          make_dead_letter(entry.body, *closed, entry.arrival, report->id));
    } else if (report) {
      intake.reports.push_back(*std::move(report));
      intake.bodies.push_back(std::move(entry.body));
    } else {
      intake.dead_letters.push_back(make_dead_letter(entry.body, report.error().text(),
                                                     entry.arrival, derive_uuid(origin)));
    }
  }
  return intake;
}

}  // namespace sheepdog::binding
