// error.cc -- what SQLite's result codes mean to us.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <sqlite3.h>

#include <cerrno>

#include "sqlite/db.hh"

namespace sheepdog {

namespace {

ErrorCode code_of(int code, sqlite3* database) {
  if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
      code == SQLITE_CONSTRAINT_ROWID)
    return ErrorCode::exists;
  switch (code & 0xff) {
    case SQLITE_FULL: return ErrorCode::full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ErrorCode::busy;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return ErrorCode::denied;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::corrupt;
    case SQLITE_INTERRUPT: return ErrorCode::timeout;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN: {
      const int saved = database != nullptr ? sqlite3_system_errno(database) : 0;
      if (saved == ENOSPC || saved == EDQUOT) return ErrorCode::full;
      if (saved == EACCES || saved == EPERM || saved == EROFS) return ErrorCode::denied;
      if (saved == ENOENT) return ErrorCode::not_found;
      return ErrorCode::io;
    }
    case SQLITE_NOMEM: return ErrorCode::full;
    default: return ErrorCode::invalid;
  }
}

}  // namespace

Error sqlite_error(int code, sqlite3* database, std::string context) {
  const ErrorCode kind = code_of(code, database);
  // The connection's own message says more, unless it is about an earlier call.
  const bool own = database != nullptr && sqlite3_extended_errcode(database) == code;
  std::string message = own ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  if ((code & 0xff) == SQLITE_NOMEM) message = "this takes more memory than there is for it";
  else if (kind == ErrorCode::full) message = "no room left on the disk (" + message + ")";
  return {kind, std::move(message), std::move(context)};
}

}  // namespace sheepdog
