// child.hh -- a command that runs as our child, watched by the loop until it is wholly over.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// A child is over when it has ended AND every pipe from it is closed, so that no output is lost;
// a pipe that something it left behind holds open is waited for only ChildOptions::pipe_wait. A
// child that is stopped (deadline or stop()) takes its whole group with it: TERM, then KILL.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hh"
#include "loop/loop.hh"
#include "process/spawn.hh"

namespace sheepdog {

/// Where a standard stream of the child goes.
enum class Stream { null, inherit, pipe };

/// Which output a piece of bytes came from.
enum class Output { out, err };

struct ChildOptions : SpawnOptions {
  Stream input = Stream::null;
  Stream out = Stream::pipe;
  Stream err = Stream::pipe;
  int out_descriptor = -1;  ///< for Stream::inherit: the output is this one, above 2, instead of ours
  std::string input_bytes;  ///< for Stream::pipe: written, then the pipe is closed
  Micros timeout = 0;       ///< 0: none
  int stop_signal = SIGTERM;
  Micros grace = 5 * micros_per_second;      ///< between the stop signal and KILL
  Micros pipe_wait = 2 * micros_per_second;  ///< for pipes that are open after the end
};

struct ChildEnd {
  enum class How {
    exited,
    signalled,
    not_started,  ///< FAULT says why
    lost,         ///< somebody else took its status
  };
  How how = How::exited;
  int exit_status = 0;
  int signal = 0;
  bool timed_out = false;  ///< its deadline came before its end
  SpawnFault fault;
  Micros duration = 0;  ///< from start to exit, without the wait for pipes
  Micros user_cpu = 0;  ///< of the child and what it waited for
  Micros system_cpu = 0;
  std::int64_t peak_memory = 0;  ///< bytes; never below what our own process had at the start
  bool output_cut = false;       ///< a pipe was still open after pipe_wait

  bool succeeded() const { return how == How::exited && exit_status == 0 && !timed_out; }
  /// "exit 3", "signal 9 (Killed)", "timed out", "borg: No such file or directory".
  std::string text() const;
};

class Child {
 public:
  /// Bytes as they come. The child may be paused or stopped from here, not destroyed.
  using OnOutput = std::function<void(Output, std::string_view)>;
  /// Called once, from the loop, never from within the constructor; may destroy the child.
  using OnExit = std::function<void(const ChildEnd&)>;

  /// Starts the command at once. Where that fails, ON_EXIT hears of it in the next turn.
  Child(Loop& loop, const Clock& clock, ChildOptions options, OnOutput on_output, OnExit on_exit);
  /// Kills what still runs, with its group.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const;  ///< -1 where it could not be started or is over
  /// Send NUMBER to the whole group.
  void signal(int number);
  /// The stop signal to the group, after the grace KILL. Doing it again changes nothing.
  void stop();
  /// Leave further output in its pipe, so that a child that writes more has to wait.
  void pause(Output which);
  void resume(Output which);
  /// Read no more of it: a child that writes there gets SIGPIPE, as where any reader goes away. Not
  /// from within the output's callback.
  void close_output(Output which);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sheepdog
