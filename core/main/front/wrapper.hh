// wrapper.hh -- one run from its lock to the report of its end.
// SPDX-License-Identifier: GPL-3.0-or-later
//
//   lock ──► attempt ──► (backoff ──► attempt)* ──► conclude ──► all written and reported ──► done
//
// The command starts first; whatever is slow or broken about reporting comes after it.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hh"
#include "base/uuid.hh"
#include "broker/reporter.hh"
#include "loop/outlet.hh"
#include "loop/timer.hh"
#include "main/front/held_output.hh"
#include "main/front/run_lock.hh"
#include "main/front/run_options.hh"
#include "main/front/run_report.hh"
#include "main/front/signals.hh"
#include "process/child.hh"

namespace sheepdog {

class Wrapper {
 public:
  Wrapper(Loop& loop, const Clock& clock, Random& random, RunOptions options,
          WrapperSignals& signals);

  void start();
  /// Valid when the loop has returned.
  int exit_status() const { return exit_status_; }

 private:
  /// One of the command's outputs on its way through us.
  struct Channel {
    Channel(Loop& loop, int fd, std::function<void()> changed)
        : outlet(loop, fd, std::move(changed)) {}
    Outlet outlet;
    RunOutput told;
    std::optional<RedactedStream> redacted;
  };

  void open_lock();
  void take_lock();
  void attempt();
  void output(Output which, std::string_view bytes);
  void pass_through(Output which, std::string_view bytes);
  void outlet_changed(Output which);
  void ended(const ChildEnd& end);
  void classify(const ChildEnd& end);
  void conclude();
  void conclude_without_command(RunOutcome outcome, std::string reason, int status);
  void start_replay();
  void replay();
  void signal(int number, bool from_terminal);
  bool well() const { return result_.status == Status::ok && result_.outcome == RunOutcome::succeeded; }

  void report_start_soon();
  void report_start();
  void report_end();
  void submit(Report report, const char* what);
  Reporter& reporter();
  void say(const std::string& line);
  void finish_if_done();

  Channel& channel(Output which) { return *channels_[which == Output::out ? 0 : 1]; }

  Loop& loop_;
  const Clock& clock_;
  RunOptions options_;
  WrapperSignals& signals_;
  UuidSource ids_;
  RunIdentity identity_;
  RunResult result_;
  Group group_ = Group::own;
  std::array<std::unique_ptr<Channel>, 2> channels_;
  std::optional<HeldOutput> held_;  ///< what is held back while we are quiet, or being replayed
  std::optional<HeldOutput::Piece> unheld_;  ///< what it had no room for
  bool replaying_ = false;
  std::optional<RunLock> lock_;
  std::unique_ptr<Child> child_;
  std::unique_ptr<Reporter> reporter_;
  std::string unreported_;  ///< "the start", "the end", both
  std::string fault_;       ///< why
  Timer timer_;             ///< the next look at the lock, or the next attempt
  Timer start_;             ///< when the start is reported
  Timer renewal_;
  Micros began_ = 0;        ///< of the first attempt, monotonic
  int signal_ = 0;          ///< the last that we were told
  int exit_status_ = 0;
  bool concluded_ = false;
  bool start_due_ = false;  ///< the start is still to be reported
  bool reported_ = false;
  bool hurried_ = false;    ///< told to end while only our own work is left
  bool output_closed_ = false;
};

}  // namespace sheepdog
