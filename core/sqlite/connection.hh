// connection.hh -- what a Db and its statements share; private to this folder.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sqlite3.h>

#include <list>
#include <unordered_map>

#include "sqlite/db.hh"

namespace sheepdog {

struct Db::Connection {
  ~Connection();

  /// An idle statement with this text, or null.
  sqlite3_stmt* take(std::string_view sql);
  void give_back(sqlite3_stmt* statement);

  sqlite3* handle = nullptr;
  std::string path;
  std::size_t idle_limit = 0;
  std::function<bool()> may_go_on;

 private:
  std::list<sqlite3_stmt*> idle_;  ///< the most recently used first
  /// By their text, which the statement itself owns.
  std::unordered_map<std::string_view, std::list<sqlite3_stmt*>::iterator> by_text_;
};

}  // namespace sheepdog
