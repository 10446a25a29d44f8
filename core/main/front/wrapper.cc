// wrapper.cc -- one run from its lock to the report of its end.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/front/wrapper.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "base/duration.hh"
#include "base/places.hh"
#include "main/front/identity.hh"

namespace sheepdog {

namespace {

constexpr Micros lock_interval = 100'000;
constexpr Micros longest_backoff = 3600 * micros_per_second;
constexpr Micros start_delay = 10'000;  // a run that is over by then tells start and end at once
constexpr Micros report_patience = 2'500'000;  // for each way but the last
constexpr Micros hurried_patience = micros_per_second;  // once we are told to end
constexpr int renewals_in_lease = 3;

constexpr int exit_timed_out = 124;
constexpr int exit_not_executable = 126;
constexpr int exit_not_found = 127;
constexpr int exit_overlap = 75;  // EX_TEMPFAIL of sysexits.h

bool has_terminal() {
  const Fd terminal(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  return static_cast<bool>(terminal);
}

int exit_status_of(const ChildEnd& end) {
  if (end.timed_out) return exit_timed_out;
  switch (end.how) {
    case ChildEnd::How::exited: return end.exit_status;
    case ChildEnd::How::signalled: return 128 + end.signal;
    case ChildEnd::How::not_started:
      return end.fault.program_missing ? exit_not_found : exit_not_executable;
    case ChildEnd::How::lost: break;
  }
  return 1;
}

}  // namespace

Wrapper::Wrapper(Loop& loop, const Clock& clock, Random& random, RunOptions options,
                 WrapperSignals& signals)
    : loop_(loop), clock_(clock), options_(std::move(options)), signals_(signals),
      ids_(clock, random), timer_(loop), start_(loop), renewal_(loop) {
  for (const auto which : {Output::out, Output::err}) {
    const int fd = which == Output::out ? STDOUT_FILENO : STDERR_FILENO;
    auto& c = channels_[which == Output::out ? 0 : 1];
    c = std::make_unique<Channel>(loop, fd, [this, which] { outlet_changed(which); });
    if (!options_.redactor.empty())
      c->redacted.emplace(options_.redactor, [told = &c->told](std::string_view bytes) {
        told->capture.add(bytes);
      });
  }
  if (options_.quiet) held_.emplace();
}

void Wrapper::start() {
  signals_.watch(loop_, [this](int number, bool terminal) { signal(number, terminal); });
  if (has_terminal()) {
    // The command keeps our group, as it would have without us: only so can it read from the
    // terminal, be stopped by its keys, and stand in a pipeline with others. Its orphans become
    // ours, so that they can still be found when it runs out of time.
    group_ = Group::ours;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
  }
  identity_.run = ids_.next();
  identity_.service = options_.service;
  identity_.user = user_name();
  identity_.directory = working_directory();
  identity_.inform = options_.inform;
  for (const auto& argument : options_.argv)
    identity_.argv.push_back(options_.redactor.apply(argument));
  identity_.started = clock_.now();
  if (options_.lock) open_lock();
  if (lock_) take_lock();
  else attempt();
}

void Wrapper::open_lock() {
  const auto directory = state_dir(options_.state_dir);
  auto lock = directory ? RunLock::open(*directory + "/locks", *options_.lock)
                        : Result<RunLock>(Error{ErrorCode::not_found, "no home directory", {}});
  if (lock) lock_.emplace(std::move(*lock));
  else say(fmt::format("runs without its lock: {}", lock.error().text()));
}

void Wrapper::take_lock() {
  const auto taken = lock_->take();
  if (!taken) {
    say(fmt::format("runs without its lock: {}", taken.error().text()));
    lock_.reset();
    return attempt();
  }
  if (*taken) return attempt();
  const auto held = fmt::format("another run holds the lock \"{}\"", *options_.lock);
  switch (options_.overlap) {
    case Overlap::wait: return timer_.once(lock_interval, [this] { take_lock(); });
    case Overlap::skip:
      return conclude_without_command(RunOutcome::cancelled, fmt::format("skipped: {}", held), 0);
    case Overlap::fail:
      say(held);
      return conclude_without_command(RunOutcome::failed, held, exit_overlap);
  }
}

void Wrapper::attempt() {
  ChildOptions o;
  o.argv = options_.argv;
  o.group = group_;
  o.ignored_signals = signals_.ignored();
  o.input = Stream::inherit;
  if (!options_.report_output && !options_.quiet) o.out = o.err = Stream::inherit;
  o.timeout = options_.timeout;
  o.grace = options_.kill_after;
  if (lock_) o.keep_open.push_back(lock_->fd());
  const bool first = result_.attempts++ == 0;
  if (first) {
    began_ = clock_.monotonic();
    identity_.started = clock_.now();
  }
  child_ = std::make_unique<Child>(
      loop_, clock_, std::move(o),
      [this](Output which, std::string_view bytes) { output(which, bytes); },
      [this](const ChildEnd& end) { ended(end); });
  if (first && !options_.on_error) report_start_soon();
}

void Wrapper::output(Output which, std::string_view bytes) {
  auto& c = channel(which);
  if (options_.report_output) {
    c.told.bytes += bytes.size();
    if (c.redacted) c.redacted->add(bytes);
    else c.told.capture.add(bytes);
  }
  if (!held_) return pass_through(which, bytes);
  if (held_->add(which, bytes)) return;
  unheld_ = HeldOutput::Piece{which, std::string(bytes)};
  start_replay();
}

void Wrapper::pass_through(Output which, std::string_view bytes) {
  auto& outlet = channel(which).outlet;
  const int fault = outlet.fault();
  outlet.write(bytes);
  if (outlet.pending() && child_) child_->pause(which);
  if (outlet.fault() != fault && which == Output::out)
    say(fmt::format("standard output: {}; what the command writes is lost there",
                    std::strerror(outlet.fault())));
}

void Wrapper::outlet_changed(Output which) {
  if (replaying_) replay();
  if (!channel(which).outlet.reader_gone()) {
    if (child_ && !replaying_) child_->resume(which);
  } else if (child_) {
    child_->close_output(which);
  }
  finish_if_done();
}

void Wrapper::ended(const ChildEnd& end) {
  child_.reset();
  result_.last = end;
  result_.duration = clock_.monotonic() - began_;
  if (result_.attempts == 1) result_.duration = end.duration;
  result_.user_cpu += end.user_cpu;
  result_.system_cpu += end.system_cpu;
  result_.peak_memory = std::max(result_.peak_memory, end.peak_memory);
  classify(end);
  const bool again = result_.status == Status::critical && signal_ == 0 &&
                     end.how != ChildEnd::How::not_started &&
                     result_.attempts <= options_.retries;
  if (!again) return conclude();
  const auto doublings = std::min(result_.attempts - 1, 20);
  timer_.once(std::min(options_.backoff << doublings, longest_backoff), [this] { attempt(); });
}

void Wrapper::classify(const ChildEnd& end) {
  exit_status_ = exit_status_of(end);
  const bool exited = end.how == ChildEnd::How::exited && !end.timed_out;
  const bool cut_off = end.how == ChildEnd::How::signalled && end.signal == SIGPIPE &&
                       (channel(Output::out).outlet.reader_gone() ||
                        channel(Output::err).outlet.reader_gone());
  result_.status = Status::critical;
  result_.outcome = RunOutcome::failed;
  if (end.timed_out) {
    // Cron's mail would not say otherwise why it ended.
    say(fmt::format("timed out after {}", format_duration(options_.timeout)));
    result_.outcome = RunOutcome::timed_out;
  } else if (exited && options_.ok.contains(end.exit_status)) {
    result_.outcome = RunOutcome::succeeded;
    result_.status = Status::ok;
  } else if (signal_ != 0 || cut_off) {
    result_.outcome = RunOutcome::cancelled;
    result_.status = Status::unknown;
    result_.cancel_signal = signal_;
  } else if (exited && options_.warning.contains(end.exit_status)) {
    result_.outcome = RunOutcome::succeeded;
    result_.status = Status::warning;
  }
}

void Wrapper::conclude_without_command(RunOutcome outcome, std::string reason, int status) {
  result_.outcome = outcome;
  result_.status = outcome == RunOutcome::failed ? Status::critical : Status::unknown;
  result_.reason = std::move(reason);
  lock_.reset();
  exit_status_ = status;
  conclude();
}

void Wrapper::conclude() {
  concluded_ = true;
  timer_.stop();
  start_.stop();
  if (lock_) lock_->release();
  for (const auto& c : channels_)
    if (c->redacted) c->redacted->finish();
  if (result_.last && result_.last->how == ChildEnd::How::not_started) say(result_.last->text());
  if (options_.on_error && (well() || result_.outcome == RunOutcome::cancelled)) reported_ = true;
  else report_end();
  if (well() && !replaying_) held_.reset();
  if (held_ && !replaying_) start_replay();
  finish_if_done();
}

/// Give out all that was held back; the command, where it still runs, waits meanwhile.
void Wrapper::start_replay() {
  replaying_ = true;
  for (const auto which : {Output::out, Output::err})
    if (child_) child_->pause(which);
  replay();
}

void Wrapper::replay() {
  while (!channel(Output::out).outlet.pending() && !channel(Output::err).outlet.pending()) {
    auto piece = held_->next();
    if (piece.bytes.empty() && unheld_) piece = *std::exchange(unheld_, std::nullopt);
    if (piece.bytes.empty()) {
      replaying_ = false;
      held_.reset();
      for (const auto which : {Output::out, Output::err})
        if (child_) child_->resume(which);
      return;
    }
    pass_through(piece.which, piece.bytes);
  }
}

void Wrapper::signal(int number, bool from_terminal) {
  if (concluded_) {
    // Only our own work is left: nobody should have to wait for that, nor lose what it tells.
    if (reported_ || std::exchange(hurried_, true)) return loop_.stop();
    return reporter().hurry(hurried_patience);
  }
  signal_ = number;
  if (child_) {
    // A key reached the command too; a second signal means "at once" to many programs.
    if (!(from_terminal && group_ == Group::ours)) child_->signal(number);
    return;
  }
  if (result_.attempts > 0) {
    result_.outcome = RunOutcome::cancelled;
    result_.status = Status::unknown;
    result_.cancel_signal = number;
    return conclude();
  }
  conclude_without_command(RunOutcome::cancelled, "cancelled while it waited for its lock",
                           128 + number);
}

void Wrapper::say(const std::string& line) {
  channel(Output::err).outlet.write(fmt::format("sheepdog: {}\n", line));
}

void Wrapper::finish_if_done() {
  if (!concluded_) return;
  const bool out_written = !held_ && !channel(Output::out).outlet.pending();
  const bool written = out_written && !channel(Output::err).outlet.pending();
  if (out_written && !output_closed_) {
    // Whoever reads our output need not wait until everything is reported.
    output_closed_ = true;
    const Fd null(open("/dev/null", O_WRONLY | O_CLOEXEC));
    if (null) dup2(null.get(), STDOUT_FILENO);
  }
  if ((written || hurried_) && reported_) loop_.stop();
}

Reporter& Wrapper::reporter() {
  if (!reporter_) {
    auto o = reporter_options(options_.broker, options_.state_dir);
    o.patience = report_patience;
    reporter_ = std::make_unique<Reporter>(loop_, clock_, std::move(o));
  }
  return *reporter_;
}

void Wrapper::submit(Report report, const char* what) {
  report.id = ids_.next();
  if (report.time == 0) report.time = clock_.now();
  reporter().submit(std::move(report), [this, what](const Result<>& accepted) {
    if (accepted) return;
    unreported_ += unreported_.empty() ? what : fmt::format(" and {}", what);
    fault_ = accepted.error().text();
  });
}

/// Two reports that are handed in together are synced together.
void Wrapper::report_start_soon() {
  start_due_ = true;
  start_.once(start_delay, [this] { report_start(); });
}

void Wrapper::report_start() {
  start_due_ = false;
  const double lease =
      static_cast<double>(renewals_in_lease * options_.renewal) / micros_per_second;
  const bool leased = reporter().way_taken().over_redis;
  auto report =
      open_report(identity_, "start", leased ? std::optional<double>(lease) : std::nullopt);
  report.time = identity_.started;
  submit(std::move(report), "the start");
  if (!leased) return;
  // By whatever way: who has got the start waits for these, however long the broker is away.
  renewal_.every(options_.renewal, [this, lease] {
    auto renewal = open_report(identity_, "renew", lease);
    renewal.id = ids_.next();
    renewal.time = clock_.now();
    // One that is lost is made good by the next.
    reporter().submit(std::move(renewal), [](const Result<>&) {});
  });
}

void Wrapper::report_end() {
  if (start_due_) report_start();
  renewal_.stop();
  const bool tell = options_.report_output && result_.last;
  submit(end_report(identity_, result_, tell ? &channel(Output::out).told : nullptr,
                    tell ? &channel(Output::err).told : nullptr),
         "the end");
  reporter().finish([this] {
    if (!unreported_.empty())
      say(fmt::format("{} of \"{}\" could not be reported: {}", unreported_, identity_.service,
                      fault_));
    else
      for (const auto& remark : reporter().way_taken().remarks("reported")) say(remark);
    reported_ = true;
    finish_if_done();
  });
}

}  // namespace sheepdog
