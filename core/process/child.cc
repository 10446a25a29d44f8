// child.cc -- a command that runs as our child.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/child.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

#include "loop/poll.hh"
#include "loop/timer.hh"
#include "process/group.hh"
#include "process/reaper.hh"

namespace sheepdog {

namespace {

constexpr std::size_t read_size = 64 * 1024;
// A stopped group is asked whether it is gone, ever more seldom, since that reads all of /proc.
constexpr Micros first_group_check = 20'000;
constexpr Micros longest_group_check = micros_per_second;

Micros micros(const timeval& t) { return t.tv_sec * micros_per_second + t.tv_usec; }

/// FD, or a copy of it above the standard streams, which the child is about to replace.
Fd above_standard(int fd) {
  if (fd < 0 || fd > 2) return Fd(fd);
  const Fd low(fd);
  return Fd(fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

}  // namespace

std::string ChildEnd::text() const {
  if (timed_out) return "timed out";
  switch (how) {
    case How::exited: return fmt::format("exit {}", exit_status);
    case How::signalled: return fmt::format("signal {} ({})", signal, strsignal(signal));
    case How::not_started: return fmt::format("{}: {}", fault.what, std::strerror(fault.number));
    case How::lost: break;
  }
  return "end unknown";
}

struct Child::State {
  /// Our end of a pipe to one of the child's streams.
  struct Pipe {
    Fd fd;
    std::optional<Poll> poll;
    bool paused = false;
    bool last_read = false;  ///< pipe_wait is over: take what is there, then close
  };

  State(Loop& l, const Clock& c, ChildOptions o, OnOutput output, OnExit exit)
      : loop(l), clock(c), options(std::move(o)), on_output(std::move(output)),
        on_exit(std::move(exit)), timer(l), group_timer(l), pipe_timer(l) {}

  void start();
  Fd connect(Stream stream, bool is_input, Pipe& ours, std::optional<SpawnFault>& fault);
  void fail(SpawnFault fault);
  void read(Output which);
  void watch(Output which);
  void write_input();
  void ended();
  void stop();
  void kill();
  void check_group();
  void end_pipe_wait();
  static void close(Pipe& pipe);
  bool group_gone() const { return !stopping || killed || group_empty; }
  void finish_if_over();
  Pipe& pipe(Output which) { return which == Output::out ? out : err; }

  Loop& loop;
  const Clock& clock;
  ChildOptions options;
  OnOutput on_output;
  OnExit on_exit;
  Spawned process;
  std::optional<Poll> process_poll;
  Pipe in, out, err;
  std::size_t written = 0;
  Timer timer;        ///< the deadline, then the grace
  Timer group_timer;  ///< asks whether a stopped group is gone
  Micros group_pause = first_group_check;
  Timer pipe_timer;   ///< pipe_wait
  Micros started = 0;
  bool over = false;        ///< the process has ended and is reaped
  bool stopping = false;    ///< the group has got the stop signal
  bool killed = false;      ///< ... and KILL
  bool group_empty = false; ///< ... and has no members any more
  ChildEnd end;
};

/// The child's end of a stream, to be closed after the start; -1 for ours.
Fd Child::State::connect(Stream stream, bool is_input, Pipe& ours,
                         std::optional<SpawnFault>& fault) {
  if (stream == Stream::inherit || fault) return Fd();
  if (stream == Stream::null) {
    auto fd = above_standard(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!fd) fault = SpawnFault{errno, "/dev/null", false};
    return fd;
  }
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    fault = SpawnFault{errno, "pipe", false};
    return Fd();
  }
  auto theirs = above_standard(ends[is_input ? 0 : 1]);
  ours.fd = above_standard(ends[is_input ? 1 : 0]);
  if (!theirs || !ours.fd || fcntl(ours.fd.get(), F_SETFL, O_NONBLOCK) != 0)
    fault = SpawnFault{errno, "pipe", false};
  return theirs;
}

void Child::State::fail(SpawnFault fault) {
  end.how = ChildEnd::How::not_started;
  end.fault = std::move(fault);
  over = true;
  close(in);
  close(out);
  close(err);
  timer.once(0, [this] { finish_if_over(); });
}

void Child::State::start() {
  std::optional<SpawnFault> fault;
  const auto input_end = connect(options.input, true, in, fault);
  const auto out_end = connect(options.out, false, out, fault);
  const auto err_end = connect(options.err, false, err, fault);
  started = clock.monotonic();
  const int out_to = options.out == Stream::inherit ? options.out_descriptor : out_end.get();
  if (!fault) fault = spawn(options, {input_end.get(), out_to, err_end.get()}, process);
  if (fault) return fail(std::move(*fault));

  auto watched = Poll::open(loop, process.pidfd.get());
  if (!watched) {
    signal_group(options.group, process.pid, SIGKILL);
    waitpid(process.pid, nullptr, 0);
    process = {};
    return fail({EIO, "pidfd", false});
  }
  process_poll.emplace(std::move(*watched));
  process_poll->start(Poll::readable, [this](int) { ended(); });
  if (out.fd) watch(Output::out);
  if (err.fd) watch(Output::err);
  if (in.fd) {
    // Otherwise a child that does not read its input would end us.
    struct sigaction action {};
    sigaction(SIGPIPE, nullptr, &action);
    if (action.sa_handler == SIG_DFL) ::signal(SIGPIPE, SIG_IGN);
    if (auto poll = Poll::open(loop, in.fd.get())) {
      in.poll.emplace(std::move(*poll));
      in.poll->start(Poll::writable, [this](int) { write_input(); });
    }
  }
  if (options.timeout > 0)
    timer.once(options.timeout, [this] {
      end.timed_out = true;
      stop();
    });
}

void Child::State::watch(Output which) {
  auto& p = pipe(which);
  if (!p.poll) {
    auto poll = Poll::open(loop, p.fd.get());
    if (!poll) return p.fd.reset();
    p.poll.emplace(std::move(*poll));
  }
  p.poll->start(Poll::readable, [this, which](int) { read(which); });
}

void Child::State::close(Pipe& pipe) {
  pipe.poll.reset();
  pipe.fd.reset();
}

void Child::State::read(Output which) {
  auto& p = pipe(which);
  std::array<char, read_size> buffer;
  const auto n = ::read(p.fd.get(), buffer.data(), buffer.size());
  if (n < 0 && errno == EINTR) return;
  if (n > 0 && on_output) on_output(which, {buffer.data(), static_cast<std::size_t>(n)});
  if (p.last_read) {
    if (n < 0 || (n > 0 && ::read(p.fd.get(), buffer.data(), 1) != 0)) end.output_cut = true;
  } else if (n > 0 || (n < 0 && errno == EAGAIN)) {
    return;
  }
  close(p);
  finish_if_over();
}

void Child::State::write_input() {
  const auto& bytes = options.input_bytes;
  if (written < bytes.size()) {
    const auto n = ::write(in.fd.get(), bytes.data() + written, bytes.size() - written);
    if (n > 0) written += static_cast<std::size_t>(n);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n > 0 && written < bytes.size()) return;
  }
  close(in);
}

void Child::State::ended() {
  int status = 0;
  rusage usage{};
  const auto got = wait4(process.pid, &status, WNOHANG, &usage);
  if (got == 0 || (got < 0 && errno == EINTR)) return;
  end.duration = clock.monotonic() - started;
  end.how = got < 0               ? ChildEnd::How::lost
            : WIFSIGNALED(status) ? ChildEnd::How::signalled
                                  : ChildEnd::How::exited;
  if (end.how == ChildEnd::How::exited) end.exit_status = WEXITSTATUS(status);
  if (end.how == ChildEnd::How::signalled) end.signal = WTERMSIG(status);
  end.user_cpu = micros(usage.ru_utime);
  end.system_cpu = micros(usage.ru_stime);
  end.peak_memory = static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
  over = true;
  close(in);
  process_poll.reset();
  process.pidfd.reset();
  if (!stopping) timer.stop();
  if (out.fd || err.fd) pipe_timer.once(options.pipe_wait, [this] { end_pipe_wait(); });
  if (stopping) return check_group();
  finish_if_over();
}

/// What the child itself wrote is in the pipes: take that and no more. A paused reader takes it when
/// it resumes.
void Child::State::end_pipe_wait() {
  out.last_read = err.last_read = true;
  // on_exit may destroy us in the last read, which is that of err where err is still open.
  const bool err_open = static_cast<bool>(err.fd);
  if (out.fd && !out.paused) read(Output::out);
  if (err_open && !err.paused) read(Output::err);
}

void Child::State::stop() {
  if (stopping || over) return;
  stopping = true;
  timer.once(options.grace, [this] { kill(); });
  signal_group(options.group, process.pid, options.stop_signal);
  signal_group(options.group, process.pid, SIGCONT);  // a stopped process would not hear it
}

void Child::State::kill() {
  killed = true;
  signal_group(options.group, process.pid, SIGKILL);
  finish_if_over();
}

/// The number of a group stays taken as long as it has members, so it is safe to ask by it after
/// its leader is gone.
void Child::State::check_group() {
  if (group_lives(options.group, process.pid))
    return group_timer.once(
        std::exchange(group_pause, std::min(2 * group_pause, longest_group_check)),
        [this] { check_group(); });
  group_empty = true;
  timer.stop();  // the group's number may be another's from now on
  finish_if_over();
}

void Child::State::finish_if_over() {
  if (!over || !group_gone() || out.fd || err.fd || !on_exit) return;
  process.pid = -1;
  pipe_timer.stop();
  group_timer.stop();
  timer.stop();
  const auto call = std::exchange(on_exit, nullptr);
  const auto result = end;  // the callback may destroy us
  call(result);
}

Child::Child(Loop& loop, const Clock& clock, ChildOptions options, OnOutput on_output,
             OnExit on_exit)
    : state_(std::make_unique<State>(loop, clock, std::move(options), std::move(on_output),
                                     std::move(on_exit))) {
  state_->start();
}

Child::~Child() {
  auto& s = *state_;
  if (s.process.pid < 0) return;
  if (!s.over || !s.group_gone()) signal_group(s.options.group, s.process.pid, SIGKILL);
  if (s.over) return;
  s.process_poll.reset();
  reap_later(s.loop, s.process.pid, std::move(s.process.pidfd));
}

pid_t Child::pid() const { return state_->over ? -1 : state_->process.pid; }

void Child::signal(int number) {
  if (pid() > 0) signal_group(state_->options.group, pid(), number);
}

void Child::stop() { state_->stop(); }

void Child::pause(Output which) {
  auto& p = state_->pipe(which);
  if (!p.fd || p.paused) return;
  p.paused = true;
  p.poll->stop();
}

void Child::resume(Output which) {
  auto& p = state_->pipe(which);
  if (!p.fd || !p.paused) return;
  p.paused = false;
  state_->watch(which);
}

void Child::close_output(Output which) {
  State::close(state_->pipe(which));
  // In a later turn, since on_exit may destroy this child, under the feet of its caller.
  if (state_->over) state_->pipe_timer.once(0, [s = state_.get()] { s->finish_if_over(); });
}

}  // namespace sheepdog
