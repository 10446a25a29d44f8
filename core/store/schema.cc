// schema.cc -- migrations of the store.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/schema.hh"

#include <fmt/format.h>

#include <array>

#include "base/uuid.hh"
#include "sqlite/statement.hh"
#include "sqlite/transaction.hh"

namespace sheepdog {

namespace {

/// The n-th brings a store from version n to n + 1. Never change one that has been released.
constexpr std::array migrations{&schema::version_1};

Error newer(const Db& db, int version) {
  return {ErrorCode::unsupported,
          fmt::format("the store has schema {}, this program knows schemas up to {}: use the "
                      "Sheepdog that wrote it, or a later one",
                      version, schema_version),
          db.path()};
}

}  // namespace

const int schema_version = static_cast<int>(migrations.size());

Result<> migrate(Db& db, Random& random) {
  auto found = db.user_version();
  if (!found) return found.error();
  if (*found > schema_version) return newer(db, *found);
  if (*found == schema_version) return {};
  auto transaction = Transaction::begin(db);
  if (!transaction) return transaction.error();
  // Asked again: two programs may have started at once.
  auto version = db.user_version();
  if (!version) return version.error();
  if (*version > schema_version) return newer(db, *version);
  for (int n = *version; n < schema_version; ++n) {
    auto done = db.exec(*migrations[static_cast<std::size_t>(n)]);
    if (!done) return done.error();
  }
  if (*version == 0) {
    std::array<std::uint8_t, 32> bytes;
    random.fill(bytes);
    const auto uuid = derive_uuid({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    auto insert = db.prepare("INSERT INTO meta(name, value) VALUES('uuid', ?)");
    if (!insert) return insert.error();
    auto done = insert->run(uuid.text());
    if (!done) return done;
  }
  auto set = db.set_user_version(schema_version);
  if (!set) return set;
  return transaction->commit();
}

Result<> check_schema(Db& db) {
  auto version = db.user_version();
  if (!version) return version.error();
  if (*version > schema_version) return newer(db, *version);
  if (*version == 0)
    return Error{ErrorCode::not_found, "no store of Sheepdog (it has no schema)", db.path()};
  if (*version < schema_version)
    return Error{ErrorCode::unsupported,
                 fmt::format("the store has schema {}, this program reads schema {}: start the "
                             "daemon once, it brings the store up to date",
                             *version, schema_version),
                 db.path()};
  return {};
}

Result<std::string> store_uuid(Db& db) {
  auto select = db.prepare("SELECT value FROM meta WHERE name = 'uuid'");
  if (!select) return select.error();
  auto row = select->step();
  if (!row) return row.error();
  if (!*row) return Error{ErrorCode::corrupt, "the store has no uuid", db.path()};
  return std::string(select->text(0));
}

}  // namespace sheepdog
