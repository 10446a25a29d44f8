// db.cc -- opening a database and keeping its statements.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "sqlite/db.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sqlite/connection.hh"
#include "sqlite/statement.hh"

namespace sheepdog {

Db::Connection::~Connection() {
  for (auto* statement : idle_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle);
}

sqlite3_stmt* Db::Connection::take(std::string_view sql) {
  const auto found = by_text_.find(sql);
  if (found == by_text_.end()) return nullptr;
  auto* statement = *found->second;
  idle_.erase(found->second);
  by_text_.erase(found);
  return statement;
}

void Db::Connection::give_back(sqlite3_stmt* statement) {
  if (by_text_.contains(sqlite3_sql(statement))) {
    sqlite3_finalize(statement);
    return;
  }
  idle_.push_front(statement);
  by_text_.emplace(sqlite3_sql(statement), idle_.begin());
  if (idle_.size() <= idle_limit) return;
  by_text_.erase(sqlite3_sql(idle_.back()));
  sqlite3_finalize(idle_.back());
  idle_.pop_back();
}

Db::Db(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Db::Db(Db&&) noexcept = default;
Db& Db::operator=(Db&&) noexcept = default;
Db::~Db() = default;

Result<Db> Db::connect(const std::string& path, int flags, const DbOptions& options) {
  auto connection = std::make_unique<Connection>();
  connection->path = path;
  connection->idle_limit = options.idle_statements;
  const int code = sqlite3_open_v2(path.c_str(), &connection->handle,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (code != SQLITE_OK) return sqlite_error(code, connection->handle, path);
  sqlite3_busy_timeout(connection->handle, static_cast<int>(options.busy_timeout / 1000));
  Db db(std::move(connection));
  auto set = db.exec(fmt::format("PRAGMA foreign_keys=ON; PRAGMA cache_size=-{};"
                                 "PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY",
                                 options.cache_kibibytes));
  if (!set) return set.error();
  return db;
}

Result<Db> Db::open(const std::string& path, DbOptions options) {
  auto db = connect(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, options);
  if (!db) return db;
  if (sqlite3_db_readonly(db->handle(), "main") == 1)
    return Error{ErrorCode::denied, "may be read but not written by this user", path};
  int keep = 1;
  sqlite3_file_control(db->handle(), "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
  auto set = db->exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                      "PRAGMA journal_size_limit=67108864");
  if (!set) return set.error();
  return db;
}

Result<Db> Db::open_read_only(const std::string& path, DbOptions options) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return errno_error(errno, path);
  auto db = connect(path, SQLITE_OPEN_READONLY, options);
  if (db) {
    // Who asks reaches no other file, and what a damaged or a foreign file says does no harm.
    sqlite3_db_config(db->handle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_limit(db->handle(), SQLITE_LIMIT_ATTACHED, 0);
    auto set = db->exec("PRAGMA query_only=ON");
    if (!set) return set.error();
  }
  auto read = db ? db->integer("SELECT count(*) FROM sqlite_schema") : db.error();
  if (read) return db;
  Error error = read.error();
  error.context = path;
  if (error.code == ErrorCode::corrupt || error.code == ErrorCode::busy) return error;
  // A WAL database needs its two side files even to be read; only who may write the directory can
  // make them.
  if (::access((path + "-wal").c_str(), R_OK) == 0 && ::access((path + "-shm").c_str(), R_OK) == 0)
    return error;
  return Error{ErrorCode::denied,
               fmt::format("cannot be read by this user: the files ending in -wal and -shm must be "
                           "readable, or the directory writable, so that they can be made ({})",
                           error.message),
               path};
}

Result<> Db::exec(const std::string& sql) {
  const int code = sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_error(code, handle(), path());
  return {};
}

Result<Statement> Db::prepare(std::string_view sql) {
  if (auto* idle = connection_->take(sql)) return Statement(connection_.get(), idle);
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, &rest);
  if (code != SQLITE_OK) return sqlite_error(code, handle(), std::string(sql));
  if (statement == nullptr) return Error{ErrorCode::invalid, "no statement", std::string(sql)};
  Statement result(connection_.get(), statement);
  const std::string_view tail(rest, static_cast<std::size_t>(sql.data() + sql.size() - rest));
  if (tail.find_first_not_of(" \t\r\n;") != std::string_view::npos)
    return Error{ErrorCode::invalid, "more than one statement", std::string(sql)};
  return result;
}

Result<std::int64_t> Db::integer(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return statement.error();
  auto row = statement->step();
  if (!row) return row.error();
  if (!*row) return Error{ErrorCode::not_found, "no row", std::string(sql)};
  return statement->integer(0);
}

Result<int> Db::user_version() {
  auto version = integer("PRAGMA user_version");
  if (!version) return version.error();
  return static_cast<int>(*version);
}

Result<> Db::set_user_version(int version) {
  return exec(fmt::format("PRAGMA user_version={}", version));
}

std::int64_t Db::last_rowid() const { return sqlite3_last_insert_rowid(handle()); }
std::int64_t Db::changes() const { return sqlite3_changes64(handle()); }

void Db::set_watch(std::function<bool()> may_go_on) {
  connection_->may_go_on = std::move(may_go_on);
  const auto ask = [](void* self) noexcept {
    return static_cast<Connection*>(self)->may_go_on() ? 0 : 1;
  };
  if (connection_->may_go_on)
    sqlite3_progress_handler(handle(), 4000, ask, connection_.get());
  else
    sqlite3_progress_handler(handle(), 0, nullptr, nullptr);
}

const std::string& Db::path() const { return connection_->path; }
sqlite3* Db::handle() const { return connection_->handle; }

void limit_sqlite_memory(std::int64_t bytes) { sqlite3_hard_heap_limit64(bytes); }

void let_sqlite_not_count_memory() { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

std::string_view sqlite_library_version() { return sqlite3_libversion(); }

}  // namespace sheepdog
