// dead_letters.cc -- the bounded table of what could not be stored.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/dead_letters.hh"

#include <algorithm>

#include "sqlite/statement.hh"

namespace sheepdog {

Result<> count_in_meta(Db& db, const char* name, std::int64_t n) {
  auto count = db.prepare(
      "INSERT INTO meta(name, value) VALUES(?, ?) "
      "ON CONFLICT DO UPDATE SET value = value + excluded.value");
  if (!count) return count.error();
  return count->run(name, n);
}

Result<> DeadLetters::add(const DeadLetter& letter) {
  if (!count_) {
    auto count = db_.integer("SELECT count(*) FROM dead_letter");
    if (!count) return count.error();
    count_ = *count;
  }
  auto insert = db_.prepare(
      "INSERT OR IGNORE INTO dead_letter(uuid, time, reason, body, length, sha256) "
      "VALUES(?, ?, ?, ?, ?, ?)");
  if (!insert) return insert.error();
  std::optional<BlobView> id;
  if (letter.id) id = BlobView(letter.id->bytes);
  const BlobView body(reinterpret_cast<const std::uint8_t*>(letter.body.data()),
                      std::min(letter.body.size(), dead_letter_body_limit));
  auto done =
      insert->run(id, letter.time, letter.reason, body, letter.length, letter.sha256);
  if (done) *count_ += db_.changes();
  return done;
}

Result<> DeadLetters::trim() {
  if (!count_ || *count_ <= limit_) return {};
  auto remove = db_.prepare(
      "DELETE FROM dead_letter WHERE dead_letter_id IN "
      "(SELECT dead_letter_id FROM dead_letter ORDER BY dead_letter_id LIMIT ?)");
  if (!remove) return remove.error();
  auto done = remove->run(*count_ - limit_);
  if (!done) return done;
  const auto dropped = db_.changes();
  *count_ -= dropped;
  return count_in_meta(db_, "dead_letters_dropped", dropped);
}

}  // namespace sheepdog
