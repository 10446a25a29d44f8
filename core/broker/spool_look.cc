// spool_look.cc -- what a spool holds, seen beside the daemon that owns it.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/spool_look.hh"

#include "sqlite/db.hh"
#include "sqlite/statement.hh"

namespace sheepdog {

Result<SpoolLook> look_at_spool(const std::string& path) {
  auto db = Db::open_read_only(path);
  if (!db) return db.error();
  auto select = db->prepare(
      "SELECT (SELECT count(*) FROM entry), (SELECT coalesce(sum(size), 0) FROM entry), "
      "lost_successes + lost_others, (SELECT arrival FROM entry ORDER BY key LIMIT 1) FROM spool");
  if (!select) return select.error();
  auto row = select->step();
  if (!row) return row.error();
  if (!*row) return Error{ErrorCode::corrupt, "without its own row", path};
  SpoolLook look{select->integer(0), select->integer(1), select->integer(2), {}};
  if (!select->is_null(3)) look.oldest = select->integer(3);
  return look;
}

}  // namespace sheepdog
