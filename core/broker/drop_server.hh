// drop_server.hh -- the socket where local reporters hand in reports.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// One JSON report a line; one answer for each line, in order, when the spool has synced it:
//   ok ID
//   error CODE: REASON      CODE full, busy or io: the same may be accepted later
// A connection that handed in the start of a run stands for its wrapper: where it ends without the
// run's end, the run vanished. Runs that are open when the daemon ends, however it ends, are
// remembered by the spool; their wrappers have a while to come back.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/random.hh"
#include "base/uuid.hh"
#include "broker/admission.hh"
#include "broker/spool.hh"
#include "broker/watched_run.hh"
#include "loop/lifeline.hh"
#include "loop/local_socket.hh"
#include "loop/timer.hh"

namespace sheepdog {

struct DropOptions {
  std::string path;
  std::string host;                                    ///< what users' reports are stamped with
  bool everyone = false;                               ///< any local user may connect
  Micros return_time = 30 * micros_per_second;         ///< for wrappers after a restart
  std::size_t connections = 1000;                      ///< at once
  std::size_t connections_of_user = 500;               ///< of one user without privilege
  std::size_t unfinished = std::size_t{8} << 20;       ///< bytes of begun lines of such a user
  std::size_t unanswered = std::size_t{4} << 20;       ///< bytes a connection may be ahead
};

class DropServer {
 public:
  /// Listens at once. SPOOL, CLOCK and RANDOM must outlive it.
  static Result<std::unique_ptr<DropServer>> open(Loop& loop, const Clock& clock, Random& random,
                                                  Spool& spool, DropOptions options);
  /// Closes every connection; the runs stay open.
  ~DropServer();
  DropServer(const DropServer&) = delete;
  DropServer& operator=(const DropServer&) = delete;

  std::size_t connections() const { return connections_.size(); }

 private:
  struct Connection;
  struct Lines;
  using ConnectionId = std::uint64_t;
  using RunKey = std::pair<std::string, std::optional<std::uint32_t>>;
  struct Watch {
    WatchedRun run;
    ConnectionId connection = 0;  ///< 0: its wrapper has not come back yet
  };

  DropServer(Loop& loop, const Clock& clock, Random& random, Spool& spool, DropOptions options);
  void accept(Fd fd);
  void received(Connection& from, std::string_view bytes);
  void finish_line(Connection& from, Lines& lines);
  void hand_in(Connection& from, std::string_view line, Lines& lines);
  void follow_run(Connection& from, SpoolEntry& entry, const Report& report);
  void append(Connection& from, Lines lines);
  void answered(ConnectionId to, const Lines& lines, const Result<>& result);
  void ended(Connection& from);
  void close(ConnectionId id);
  void close_if_done(Connection& connection);
  void hold_back(Connection& connection);
  void expect_wrappers(const std::vector<OpenRun>& runs);
  void vanish(const RunKey& key);
  Connection* find(ConnectionId id);

  Loop& loop_;
  const Clock& clock_;
  UuidSource ids_;
  Spool& spool_;
  DropOptions options_;
  std::map<ConnectionId, std::unique_ptr<Connection>> connections_;
  std::map<std::uint32_t, std::size_t> connections_of_;  ///< by user
  std::map<std::uint32_t, std::size_t> unfinished_of_;   ///< bytes, by user without privilege
  ConnectionId last_id_ = 0;
  std::map<RunKey, Watch> runs_;
  Timer return_timer_;
  std::optional<LocalListener> listener_;
  Lifeline lifeline_;
};

}  // namespace sheepdog
