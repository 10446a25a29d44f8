// reporter.hh -- hands reports in, on the best way there is: Redis, a daemon's socket, a file.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The way: a broker where one is named (straight to Redis); else the drop socket of the state
// directory that is named, or of the user's own herd, or of the machine's daemon; else, with no
// daemon, one durable file that is collected when one starts. A way that fails or is silent for the
// patience is left for the next, so that nothing is lost; a report that went two ways has the same
// id on both and counts once. Where a broker is named a report about this host names it as this
// machine does, and keeps that name on every way where who reports is believed; elsewhere it goes
// without one, and the daemon gives it its own.
#pragma once

#include <functional>
#include <memory>

#include "base/clock.hh"
#include "base/report.hh"
#include "base/result.hh"
#include "broker/reporter_options.hh"
#include "broker/way_taken.hh"
#include "loop/loop.hh"

namespace sheepdog {

class Reporter {
 public:
  Reporter(Loop& loop, const Clock& clock, ReporterOptions options);
  /// Drops what is unanswered, without a call; finish() first.
  ~Reporter();
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;

  /// Hand REPORT in. Where it names no host and goes to this machine's daemon, that fills in its own,
  /// so that what is reported here and what is watched here have one name. DONE is called once, in a
  /// later turn: good when the report is accepted, that is fsynced by the daemon or in a file, or
  /// acknowledged by Redis; an error when every way refused it or was silent for the patience
  /// (timeout: the last may still have taken it). A report of plugin "run" with phase "start" is
  /// told again to a daemon that comes back, until its "end" is handed in.
  void submit(Report report, std::function<void(Result<>)> done);

  /// Call DONE once everything submitted is answered, and let the loop end; a way that is silent
  /// holds this up for no longer than the patience. Nothing may be submitted after it.
  void finish(std::function<void()> done);

  /// Wait no more: what is not answered goes into a file now, or is given up after LIMIT.
  void hurry(Micros limit);

  const WayTaken& way_taken() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sheepdog
