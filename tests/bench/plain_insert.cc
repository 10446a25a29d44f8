// plain_insert.cc -- the time of writing a store's final rows with plain SQLite: what the ingest is
// measured against.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plain_insert STORE COPY: reads all rows of STORE, makes COPY with the same tables and indexes, and
// inserts the rows in transactions of 1000 with synchronous=FULL. Prints the seconds that took.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/clock.hh"
#include "sqlite/db.hh"
#include "sqlite/statement.hh"
#include "sqlite/transaction.hh"

namespace {

using namespace sheepdog;

// What SQLite notes of how values are spread is its own.
constexpr const char* declared =
    "FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!'";

struct Table {
  std::string name;
  int columns = 0;
  std::vector<std::vector<Value>> rows;
};

template <typename T>
T must(Result<T> result) {
  if (!result) {
    fmt::print(stderr, "plain_insert: {}\n", result.error().text());
    std::exit(1);
  }
  return *std::move(result);
}

void must(const Result<>& result) {
  if (result) return;
  fmt::print(stderr, "plain_insert: {}\n", result.error().text());
  std::exit(1);
}

std::vector<std::string> texts(Db& db, const std::string& sql) {
  std::vector<std::string> found;
  auto statement = must(db.prepare(sql));
  while (must(statement.step())) found.emplace_back(statement.text(0));
  return found;
}

std::vector<Table> read_rows(Db& db) {
  std::vector<Table> tables;
  for (auto& name : texts(db, std::string("SELECT name ") + declared + " AND type = 'table'")) {
    Table table{name, 0, {}};
    auto statement = must(db.prepare("SELECT * FROM " + name));
    table.columns = statement.columns();
    while (must(statement.step())) {
      std::vector<Value> row;
      for (int c = 0; c < table.columns; ++c) row.push_back(statement.value(c));
      table.rows.push_back(std::move(row));
    }
    tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  auto from = must(Db::open_read_only(argv[1]));
  const auto tables = read_rows(from);
  auto to = must(Db::open(argv[2]));
  must(to.exec("PRAGMA foreign_keys = OFF"));
  for (const auto& sql : texts(from, std::string("SELECT sql ") + declared))
    must(to.exec(sql));
  const SystemClock clock;
  const auto start = clock.monotonic();
  for (const auto& table : tables) {
    std::string sql = "INSERT INTO " + table.name + " VALUES(";
    for (int c = 0; c < table.columns; ++c) sql += c == 0 ? "?" : ",?";
    auto insert = must(to.prepare(sql + ")"));
    for (std::size_t at = 0; at < table.rows.size(); at += 1000) {
      auto transaction = must(Transaction::begin(to));
      for (std::size_t i = at; i < std::min(at + 1000, table.rows.size()); ++i) {
        insert.reset();
        for (int c = 0; c < table.columns; ++c)
          insert.bind(c + 1, table.rows[i][static_cast<std::size_t>(c)]);
        must(insert.run());
      }
      must(transaction.commit());
    }
  }
  fmt::print("{:.6f}\n", static_cast<double>(clock.monotonic() - start) / 1e6);
}
