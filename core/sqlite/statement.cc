// statement.cc -- binding, stepping, reading columns.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "sqlite/statement.hh"

#include <sqlite3.h>

#include "sqlite/connection.hh"

namespace sheepdog {

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      handle_(std::exchange(other.handle_, nullptr)),
      fault_(other.fault_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  connection_ = other.connection_;
  handle_ = std::exchange(other.handle_, nullptr);
  fault_ = other.fault_;
  return *this;
}

Statement::~Statement() { give_back(); }

void Statement::give_back() {
  if (handle_ == nullptr) return;
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
  connection_->give_back(std::exchange(handle_, nullptr));
}

void Statement::bind(int parameter, std::nullptr_t) {
  note(sqlite3_bind_null(handle_, parameter));
}

void Statement::bind_integer(int parameter, std::int64_t value) {
  note(sqlite3_bind_int64(handle_, parameter, value));
}

void Statement::bind(int parameter, double value) {
  note(sqlite3_bind_double(handle_, parameter, value));
}

void Statement::bind(int parameter, std::string_view text) {
  // A null pointer would bind NULL instead of the empty text.
  note(sqlite3_bind_text64(handle_, parameter, text.empty() ? "" : text.data(), text.size(),
                           SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind(int parameter, BlobView bytes) {
  note(bytes.empty() ? sqlite3_bind_zeroblob(handle_, parameter, 0)
                     : sqlite3_bind_blob64(handle_, parameter, bytes.data(), bytes.size(),
                                           SQLITE_STATIC));
}

void Statement::bind(int parameter, const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    bind(parameter, *integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    bind(parameter, *real);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    note(sqlite3_bind_text64(handle_, parameter, text->data(), text->size(), SQLITE_TRANSIENT,
                             SQLITE_UTF8));
  } else if (const auto* bytes = std::get_if<Blob>(&value)) {
    note(bytes->empty() ? sqlite3_bind_zeroblob(handle_, parameter, 0)
                        : sqlite3_bind_blob64(handle_, parameter, bytes->data(), bytes->size(),
                                              SQLITE_TRANSIENT));
  } else {
    bind(parameter, nullptr);
  }
}

Error Statement::fault(int code) const {
  Error error = sqlite_error(code, connection_->handle, connection_->path);
  if (error.code == ErrorCode::invalid || error.code == ErrorCode::exists)
    error.context = sqlite3_sql(handle_);
  return error;
}

Result<bool> Statement::step() {
  if (fault_ != SQLITE_OK) return fault(fault_);
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fault(code);
}

Result<> Statement::run() {
  for (;;) {
    auto row = step();
    if (!row) {
      reset();
      return row.error();
    }
    if (*row) continue;
    reset();
    return {};
  }
}

void Statement::reset() {
  sqlite3_reset(handle_);
  fault_ = SQLITE_OK;
}

int Statement::columns() const { return sqlite3_column_count(handle_); }
bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}
std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }
double Statement::real(int column) const { return sqlite3_column_double(handle_, column); }

std::string_view Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

BlobView Statement::blob(int column) const {
  const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_, column));
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

ValueView Statement::view(int column) const {
  ValueView view;
  switch (sqlite3_column_type(handle_, column)) {
    case SQLITE_INTEGER:
      view.type = ValueView::Type::integer;
      view.integer = integer(column);
      break;
    case SQLITE_FLOAT:
      view.type = ValueView::Type::real;
      view.real = real(column);
      break;
    case SQLITE_TEXT:
      view.type = ValueView::Type::text;
      view.bytes = text(column);
      break;
    case SQLITE_BLOB: {
      const auto bytes = blob(column);
      view.type = ValueView::Type::blob;
      view.bytes = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
      break;
    }
    default: break;
  }
  return view;
}

Value ValueView::value() const {
  switch (type) {
    case Type::integer: return integer;
    case Type::real: return real;
    case Type::text: return std::string(bytes);
    case Type::blob: return Blob(bytes.begin(), bytes.end());
    default: return {};
  }
}

int Statement::parameters() const { return sqlite3_bind_parameter_count(handle_); }
bool Statement::only_reads() const { return sqlite3_stmt_readonly(handle_) != 0; }

}  // namespace sheepdog
