// checkpoint.hh -- moves what was committed from the WAL into the database file.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "sqlite/db.hh"

namespace sheepdog {

struct CheckpointDone {
  int frames = 0;        ///< pages in the WAL
  int moved = 0;         ///< of these now in the database file
  bool emptied = false;  ///< the WAL begins anew
};

/// Owns a connection of its own, so that the writer need not wait; for one thread at a time.
class Checkpointer {
 public:
  /// FRAME_LIMIT: with more pages than this the WAL is emptied, for which the writer waits a
  /// moment. Readers that hold an old snapshot put that off.
  static Result<Checkpointer> open(const std::string& path, int frame_limit = 16'384);

  /// To be called every second or so.
  Result<CheckpointDone> step();

 private:
  Checkpointer(Db db, int frame_limit) : db_(std::move(db)), frame_limit_(frame_limit) {}
  Result<CheckpointDone> run(int mode);

  Db db_;
  int frame_limit_;
};

}  // namespace sheepdog
