// reader.cc -- questions to the store.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/reader.hh"

#include <fmt/format.h>

#include "store/schema.hh"

namespace sheepdog {

Result<std::unique_ptr<Reader>> Reader::open(const std::string& path) {
  auto db = Db::open_read_only(path);
  if (!db) return db.error();
  auto checked = check_schema(*db);
  if (!checked) return checked.error();
  return std::unique_ptr<Reader>(new Reader(*std::move(db)));
}

Result<Cursor> Reader::select(std::string_view sql, std::span<const Value> parameters) {
  auto statement = db_.prepare(sql);
  if (!statement) return statement.error();
  if (statement->parameters() != static_cast<int>(parameters.size()))
    return Error{ErrorCode::invalid,
                 fmt::format("{} parameters for {} places", parameters.size(),
                             statement->parameters()),
                 std::string(sql)};
  for (std::size_t i = 0; i < parameters.size(); ++i)
    statement->bind(static_cast<int>(i) + 1, parameters[i]);
  return Cursor(*std::move(statement));
}

Result<Transaction> Reader::snapshot() {
  auto transaction = Transaction::begin_reading(db_);
  if (!transaction) return transaction;
  // SQLite takes the snapshot at the first read.
  auto read = db_.integer("SELECT count(*) FROM meta");
  if (!read) return read.error();
  return transaction;
}

void Reader::set_deadline(const Clock& clock, Micros deadline) {
  db_.set_watch([&clock, deadline] { return clock.monotonic() < deadline; });
}

Result<std::string> Reader::uuid() { return store_uuid(db_); }

}  // namespace sheepdog
