// statement.hh -- a prepared SQLite statement, borrowed from its Db.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hh"
#include "sqlite/db.hh"
#include "sqlite/value.hh"

namespace sheepdog {

/// Goes back to its Db's cache, reset, when destroyed. Parameters count from 1, columns from 0. A
/// bind that fails is remembered and is the error of the next step.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  void bind(int parameter, std::nullptr_t);
  void bind(int parameter, std::integral auto value) {
    bind_integer(parameter, static_cast<std::int64_t>(value));
  }
  void bind(int parameter, double value);
  /// Not copied: TEXT must live until the statement is reset or bound anew. Likewise BYTES.
  void bind(int parameter, std::string_view text);
  void bind(int parameter, BlobView bytes);
  void bind(int parameter, const std::string& text) { bind(parameter, std::string_view(text)); }
  void bind(int parameter, const char* text) { bind(parameter, std::string_view(text)); }
  /// Copied.
  void bind(int parameter, const Value& value);
  template <typename T>
  void bind(int parameter, const std::optional<T>& value) {
    if (value) bind(parameter, *value);
    else bind(parameter, nullptr);
  }

  /// Resets, then binds VALUES in order from parameter 1.
  template <typename... Values>
  Statement& with(const Values&... values) {
    reset();
    int parameter = 0;
    (bind(++parameter, values), ...);
    return *this;
  }

  /// True where there is a row to read, false at the end.
  Result<bool> step();

  /// Steps to the end and resets.
  Result<> run();
  template <typename First, typename... Rest>
  Result<> run(const First& first, const Rest&... rest) {
    return with(first, rest...).run();
  }

  /// Ready to be run again; parameters keep their values.
  void reset();

  int columns() const;
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;  ///< until the next step or reset
  BlobView blob(int column) const;          ///< until the next step or reset
  ValueView view(int column) const;  ///< until the next step or reset
  Value value(int column) const { return view(column).value(); }
  int parameters() const;
  /// True where the statement cannot change the database.
  bool only_reads() const;

 private:
  friend class Db;
  Statement(Db::Connection* connection, sqlite3_stmt* handle)
      : connection_(connection), handle_(handle) {}
  void bind_integer(int parameter, std::int64_t value);
  void note(int code) {
    if (code != 0 && fault_ == 0) fault_ = code;
  }
  Error fault(int code) const;
  void give_back();

  Db::Connection* connection_;
  sqlite3_stmt* handle_;
  int fault_ = 0;  ///< the first result code of a bind that was not SQLITE_OK
};

}  // namespace sheepdog
