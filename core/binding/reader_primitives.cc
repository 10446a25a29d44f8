// reader_primitives.cc -- reading the store for Scheme.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <climits>
#include <optional>

#include "binding/convert.hh"
#include "binding/core.hh"
#include "binding/interrupt.hh"
#include "binding/row_packer.hh"
#include "store/kept_rows.hh"
#include "store/reader.hh"

namespace sheepdog::binding {

namespace {

struct OpenCursor {
  std::int64_t reader;
  Cursor cursor;
  RowPacker packer;
  KeptRows rows = {};                ///< that were read and are not packed yet
  std::vector<ValueView> row = {};
};

/// Read the next rows, LIMIT at most; whether there are more. Only C++: the Reader works with its
/// mutex held, which it would keep for ever where the collector finds no memory, and Scheme raises.
bool read_rows(const char* who, OpenCursor* open, std::size_t limit) {
  bool more = false;
  bool stopped = false;
  work(who, [&]() -> Result<> {
    open->rows.clear();
    open->row.resize(static_cast<std::size_t>(open->cursor.columns()));
    const auto read = open->cursor.read(limit, [&](RowView row) { open->rows.push(row); });
    stopped = interrupted();
    if (!read && stopped) return {};
    if (!read) return read.error();
    more = *read;
    return {};
  });
  if (stopped) take_interrupt();
  return more;
}

struct ReaderTables {
  // Cursors go before their readers: members are destroyed from the last to the first.
  Table<Reader> readers;
  Table<OpenCursor> cursors;
};

std::optional<ReaderTables> tables;

Reader* reader_of(const char* who, SCM id) {
  Reader* reader =
      scm_is_signed_integer(id, 0, INT64_MAX) ? tables->readers.find(scm_to_int64(id)) : nullptr;
  expect_argument(reader != nullptr, who, 1, id, "open reader");
  return reader;
}

OpenCursor* cursor_of(const char* who, SCM id) {
  OpenCursor* cursor =
      scm_is_signed_integer(id, 0, INT64_MAX) ? tables->cursors.find(scm_to_int64(id)) : nullptr;
  expect_argument(cursor != nullptr, who, 1, id, "open cursor");
  return cursor;
}

// (%limit-sqlite-memory bytes): from now on, all that SQLite does in this process may use so much
SCM limit_memory(SCM bytes) {
  expect_argument(scm_is_signed_integer(bytes, 0, INT64_MAX), "%limit-sqlite-memory", 1, bytes,
                  "number of bytes");
  limit_sqlite_memory(scm_to_int64(bytes));
  return SCM_UNSPECIFIED;
}

// (%reader-open path [cache]) -> reader, which keeps CACHE KiB of pages at most
SCM reader_open(SCM path, SCM cache) {
  expect_argument(scm_is_string(path), "%reader-open", 1, path, "string");
  expect_argument(SCM_UNBNDP(cache) || scm_is_signed_integer(cache, 1, INT_MAX), "%reader-open", 2,
                  cache, "number of KiB");
  std::int64_t id = 0;
  work("%reader-open", [&]() -> Result<> {
    auto reader = SCM_UNBNDP(cache) ? Reader::open(to_string(path))
                                    : Reader::open(to_string(path), {}, scm_to_int(cache));
    if (!reader) return reader.error();
    (*reader)->set_stop(interrupted());
    id = tables->readers.add(*std::move(reader));
    return {};
  });
  return scm_from_int64(id);
}

// (%reader-close reader) closes its cursors too
SCM reader_close(SCM id) {
  reader_of("%reader-close", id);
  const auto reader = scm_to_int64(id);
  tables->cursors.remove_if([&](const OpenCursor& open) { return open.reader == reader; });
  tables->readers.remove(reader);
  return SCM_UNSPECIFIED;
}

// (%reader-deadline reader seconds-or-#f): from now on cursors end with a timeout after SECONDS
SCM reader_deadline(SCM id, SCM seconds) {
  Reader* reader = reader_of("%reader-deadline", id);
  expect_argument(scm_is_false(seconds) || scm_is_real(seconds), "%reader-deadline", 2, seconds,
                  "number of seconds or #f");
  work("%reader-deadline", [&]() -> Result<> {
    reader->clear_deadline();
    if (scm_is_false(seconds)) return {};
    const auto micros = to_micros(seconds);
    if (!micros) return micros.error();
    reader->set_deadline(core().clock, core().clock.monotonic() + *micros);
    return {};
  });
  return SCM_UNSPECIFIED;
}

// (%reader-limits reader seconds bytes): a snapshot goes after SECONDS; rows that are still to be
// given are then read into memory, as far as BYTES and 5 seconds go
SCM reader_limits(SCM id, SCM seconds, SCM bytes) {
  const char* who = "%reader-limits";
  Reader* reader = reader_of(who, id);
  expect_argument(scm_is_real(seconds), who, 2, seconds, "number of seconds");
  expect_argument(scm_is_unsigned_integer(bytes, 0, SIZE_MAX), who, 3, bytes, "number of bytes");
  work(who, [&]() -> Result<> {
    const auto age = to_micros(seconds);
    if (!age) return age.error();
    reader->set_limits(
        {.age = std::chrono::microseconds(*age), .memory = scm_to_size_t(bytes)});
    return {};
  });
  return SCM_UNSPECIFIED;
}

// (%reader-hold reader): cursors see the store of this moment until %reader-release was called as
// often as this, or until the snapshot is too old
SCM reader_hold(SCM id) {
  Reader* reader = reader_of("%reader-hold", id);
  work("%reader-hold", [&] { return reader->hold(); });
  return SCM_UNSPECIFIED;
}

// (%reader-release reader)
SCM reader_release(SCM id) {
  Reader* reader = reader_of("%reader-release", id);
  work("%reader-release", [&]() -> Result<> {
    reader->release();
    return {};
  });
  return SCM_UNSPECIFIED;
}

// (%cursor-open reader sql parameters [kinds]) -> cursor; PARAMETERS is a list of strings, numbers,
// #f; KINDS a string with a character for each column, see row_packer.hh
SCM cursor_open(SCM id, SCM sql, SCM parameters, SCM kinds) {
  const char* who = "%cursor-open";
  Reader* reader = reader_of(who, id);
  expect_argument(scm_is_string(sql), who, 2, sql, "string");
  expect_argument(scm_ilength(parameters) >= 0, who, 3, parameters, "list");
  expect_argument(SCM_UNBNDP(kinds) || scm_is_string(kinds), who, 4, kinds, "string");
  std::int64_t cursor_id = 0;
  work(who, [&]() -> Result<> {
    std::vector<Value> values;
    for (; scm_is_pair(parameters); parameters = SCM_CDR(parameters)) {
      auto value = to_value(SCM_CAR(parameters));
      if (!value) return value.error();
      values.push_back(*std::move(value));
    }
    auto cursor = reader->select(to_string(sql), values);
    if (!cursor) return cursor.error();
    auto packer = RowPacker::make(SCM_UNBNDP(kinds) ? "" : to_string(kinds),
                                  static_cast<std::size_t>(cursor->columns()));
    if (!packer) return packer.error();
    cursor_id = tables->cursors.add(std::make_unique<OpenCursor>(
        OpenCursor{scm_to_int64(id), *std::move(cursor), *std::move(packer)}));
    return {};
  });
  return scm_from_int64(cursor_id);
}

// (%cursor-rows cursor n) -> (MORE? . ROWS), the next rows, N at most, each a vector of its values;
// MORE? is #f where there are no more. An error comes after the rows that were read before it.
SCM cursor_rows(SCM id, SCM n) {
  const char* who = "%cursor-rows";
  OpenCursor* open = cursor_of(who, id);
  expect_argument(scm_is_unsigned_integer(n, 1, SIZE_MAX), who, 2, n, "positive number of rows");
  const std::size_t limit = scm_to_size_t(n);
  const bool more = read_rows(who, open, limit);
  SCM result = scm_cons(scm_from_bool(more), SCM_EOL);
  SCM last = result;
  work(who, [&]() -> Result<> {
    while (open->rows.pop(open->row)) {
      const SCM pair = scm_cons(open->packer.pack(open->row), SCM_EOL);
      SCM_SETCDR(last, pair);
      last = pair;
    }
    return {};
  });
  return result;
}

// (%cursor-next cursor) -> vector of the row's values; or #f at the end
SCM cursor_next(SCM id) {
  const char* who = "%cursor-next";
  OpenCursor* open = cursor_of(who, id);
  read_rows(who, open, 1);
  SCM row = SCM_BOOL_F;
  work(who, [&]() -> Result<> {
    if (open->rows.pop(open->row)) row = open->packer.pack(open->row);
    return {};
  });
  return row;
}

// (%cursor-close cursor); closing one that is closed does nothing
SCM cursor_close(SCM id) {
  expect_argument(scm_is_signed_integer(id, 0, INT64_MAX), "%cursor-close", 1, id, "cursor");
  tables->cursors.remove(scm_to_int64(id));
  return SCM_UNSPECIFIED;
}

}  // namespace

void define_reader_primitives() {
  tables.emplace();
  define("%limit-sqlite-memory", 1, reinterpret_cast<void*>(limit_memory));
  define("%reader-open", 1, reinterpret_cast<void*>(reader_open), 1);
  define("%reader-close", 1, reinterpret_cast<void*>(reader_close));
  define("%reader-deadline", 2, reinterpret_cast<void*>(reader_deadline));
  define("%reader-limits", 3, reinterpret_cast<void*>(reader_limits));
  define("%reader-hold", 1, reinterpret_cast<void*>(reader_hold));
  define("%reader-release", 1, reinterpret_cast<void*>(reader_release));
  define("%cursor-open", 3, reinterpret_cast<void*>(cursor_open), 1);
  define("%cursor-rows", 2, reinterpret_cast<void*>(cursor_rows));
  define("%cursor-next", 1, reinterpret_cast<void*>(cursor_next));
  define("%cursor-close", 1, reinterpret_cast<void*>(cursor_close));
}

void close_reader_primitives() { tables.reset(); }

}  // namespace sheepdog::binding
