// spool_database.cc -- makes and opens the spool's database, and sets a damaged one aside.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "base/log.hh"
#include "base/random.hh"
#include "broker/spool_file.hh"
#include "sqlite/statement.hh"
#include "sqlite/transaction.hh"

namespace sheepdog {

namespace {

constexpr int schema_version = 2;

constexpr const char* schema = R"(
CREATE TABLE spool(
  one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL,
  lost_successes INTEGER NOT NULL DEFAULT 0, lost_others INTEGER NOT NULL DEFAULT 0,
  lost_since INTEGER, lost_until INTEGER,
  warning INTEGER NOT NULL DEFAULT 0);
-- Keys are never used twice, since readers go on from the last one and release by it.
CREATE TABLE entry(
  key INTEGER PRIMARY KEY AUTOINCREMENT, success INTEGER NOT NULL, uid INTEGER,
  arrival INTEGER NOT NULL, size INTEGER NOT NULL, fault TEXT NOT NULL, body BLOB NOT NULL);
CREATE INDEX entry_success ON entry(key) WHERE success = 1;
CREATE TABLE open_run(
  run TEXT NOT NULL, uid INTEGER NOT NULL, start BLOB NOT NULL,
  PRIMARY KEY (run, uid)) WITHOUT ROWID;
)";
constexpr const char* schema_1_to_2 = "ALTER TABLE spool ADD COLUMN warning INTEGER NOT NULL DEFAULT 0";

}  // namespace

void SpoolUsage::add(std::size_t size, std::optional<std::uint32_t> uid) {
  bytes += size;
  if (uid) held[*uid] += size;
}

void SpoolUsage::subtract(std::size_t size, std::optional<std::uint32_t> uid) {
  bytes -= size;
  if (!uid) return;
  const auto its = held.find(*uid);
  its->second -= size;
  if (its->second == 0) held.erase(its);
}

std::optional<std::uint32_t> SpoolFile::uid_at(const Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return static_cast<std::uint32_t>(row.integer(column));
}

SpoolFile::SpoolFile(const Clock& clock, SpoolOptions options)
    : clock_(&clock), options_(std::move(options)) {
  if (options_.disk_limit == 0) options_.disk_limit = 2 * options_.limit + (std::size_t{16} << 20);
}

Result<SpoolFile> SpoolFile::open(const Clock& clock, SpoolOptions options) {
  SpoolFile file(clock, std::move(options));
  auto opened = file.open_database();
  if (!opened && opened.error().code == ErrorCode::corrupt) opened = file.set_aside(opened.error());
  if (!opened) return opened.error();
  return file;
}

Result<> SpoolFile::open_database() {
  auto opened = try_open();
  if (!opened) db_.reset();
  return opened;
}

Result<> SpoolFile::try_open() {
  DbOptions settings;
  settings.cache_kibibytes = 1024;
  settings.idle_statements = 16;
  auto db = Db::open(options_.path, settings);
  if (!db) return db.error();
  db_ = *std::move(db);

  auto check = db_->prepare("PRAGMA quick_check(1)");
  if (!check) return check.error();
  auto row = check->step();
  if (!row) return row.error();
  if (*row && check->text(0) != "ok")
    return Error{ErrorCode::corrupt, std::string(check->text(0)), options_.path};

  auto version = db_->user_version();
  if (!version) return version.error();
  if (*version > schema_version)
    return Error{ErrorCode::unsupported,
                 fmt::format("made by a newer Sheepdog (its version is {}, this one reads {})",
                             *version, schema_version),
                 options_.path};
  auto set = db_->exec(fmt::format("PRAGMA journal_size_limit=4194304; PRAGMA max_page_count={}",
                                   options_.disk_limit / page_size));
  if (!set) return set;
  if (*version == 0) {
    auto transaction = Transaction::begin(*db_);
    if (!transaction) return transaction.error();
    SystemRandom random;
    UuidSource ids(*clock_, random);
    if (auto made = db_->exec(schema); !made) return made;
    auto own = db_->prepare("INSERT INTO spool(one, id) VALUES (1, ?)");
    if (!own) return own.error();
    if (auto made = own->run(std::string_view(ids.next().text())); !made) return made;
    auto begin = db_->prepare("INSERT INTO sqlite_sequence(name, seq) VALUES ('entry', ?)");
    if (!begin) return begin.error();
    if (auto made = begin->run(highest_key_); !made) return made;
    if (auto made = db_->set_user_version(schema_version); !made) return made;
    if (auto made = transaction->commit(); !made) return made;
  } else if (*version == 1) {
    auto transaction = Transaction::begin(*db_);
    if (!transaction) return transaction.error();
    if (auto made = db_->exec(schema_1_to_2); !made) return made;
    if (auto made = db_->set_user_version(schema_version); !made) return made;
    if (auto made = transaction->commit(); !made) return made;
  }
  return count();
}

Result<> SpoolFile::count() {
  usage_ = {};
  auto own = db_->prepare("SELECT id, lost_successes + lost_others, warning FROM spool");
  if (!own) return own.error();
  auto row = own->step();
  if (!row) return row.error();
  if (!*row) return Error{ErrorCode::corrupt, "without its own row", options_.path};
  id_ = own->text(0);
  usage_.lost = own->integer(1);
  usage_.warning = own->integer(2);

  auto given = db_->prepare("SELECT seq FROM sqlite_sequence WHERE name = 'entry'");
  if (!given) return given.error();
  row = given->step();
  if (!row) return row.error();
  if (*row) highest_key_ = std::max(highest_key_, given->integer(0));

  auto sums = db_->prepare(
      "SELECT uid, count(*), sum(size) FROM entry GROUP BY uid UNION ALL "
      "SELECT nullif(uid, ?1), 0, sum(length(start) + ?2) FROM open_run GROUP BY uid");
  if (!sums) return sums.error();
  sums->with(no_uid, entry_cost);
  for (;;) {
    row = sums->step();
    if (!row) return row.error();
    if (!*row) return {};
    usage_.entries += static_cast<std::size_t>(sums->integer(1));
    usage_.add(static_cast<std::size_t>(sums->integer(2)), uid_at(*sums, 0));
  }
}

Result<> SpoolFile::set_aside(const Error& damage) {
  db_.reset();
  const std::string aside = fmt::format("{}.damaged-{}", options_.path, clock_->now());
  for (const char* part : {"", "-wal", "-shm"})
    if (std::rename((options_.path + part).c_str(), (aside + part).c_str()) != 0 && *part == '\0')
      return errno_error(errno, options_.path);
  log::error("spool: {}; set aside as {}, a new one is started", damage.text(), aside);
  if (auto opened = open_database(); !opened) return opened;
  auto transaction = Transaction::begin(*db_);
  if (!transaction) return transaction.error();
  SpoolUsage usage = usage_;
  auto told = warn(
      fmt::format("the spool was damaged and is set aside as {}; reports in it are lost", aside),
      aside, usage);
  if (!told) return told;
  if (auto done = transaction->commit(); !done) return done;
  usage_ = std::move(usage);
  return {};
}

}  // namespace sheepdog
