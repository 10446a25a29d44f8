// checkpoint.cc -- moves what was committed from the WAL into the database file.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "sqlite/checkpoint.hh"

#include <sqlite3.h>

namespace sheepdog {

Result<Checkpointer> Checkpointer::open(const std::string& path, int frame_limit) {
  auto db = Db::open(path, {.busy_timeout = 50'000, .cache_kibibytes = 256});
  if (!db) return db.error();
  return Checkpointer(*std::move(db), frame_limit);
}

Result<CheckpointDone> Checkpointer::run(int mode) {
  CheckpointDone done;
  const int code =
      sqlite3_wal_checkpoint_v2(db_.handle(), nullptr, mode, &done.frames, &done.moved);
  // Busy: a reader or the writer is in the way; what could be moved was moved.
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY)
    return sqlite_error(code, db_.handle(), db_.path());
  done.emptied = code == SQLITE_OK && mode == SQLITE_CHECKPOINT_TRUNCATE;
  return done;
}

Result<CheckpointDone> Checkpointer::step() {
  auto done = run(SQLITE_CHECKPOINT_PASSIVE);
  if (!done || done->frames <= frame_limit_) return done;
  // Only what came since is left to be moved while the writer waits.
  return run(SQLITE_CHECKPOINT_TRUNCATE);
}

}  // namespace sheepdog
