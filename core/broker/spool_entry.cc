// spool_entry.cc -- a report as an entry of the spool.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/spool_entry.hh"

#include "base/report.hh"

namespace sheepdog {

SpoolEntry spool_entry(const Report& report, Micros arrival) {
  SpoolEntry entry;
  entry.body = to_wire(report);
  entry.success = report.status == Status::ok;
  entry.uid = report.uid;
  entry.arrival = arrival;
  return entry;
}

}  // namespace sheepdog
