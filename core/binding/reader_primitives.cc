// reader_primitives.cc -- reading the store for Scheme, row by row.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <optional>

#include "binding/convert.hh"
#include "binding/core.hh"
#include "store/reader.hh"

namespace sheepdog::binding {

namespace {

/// A reader, and the snapshot that all its cursors see, where one is held.
struct OpenReader {
  std::unique_ptr<Reader> reader;
  std::optional<Transaction> snapshot;
};

struct OpenCursor {
  std::int64_t reader;
  Cursor cursor;
};

struct ReaderTables {
  // Cursors go before their readers: members are destroyed from the last to the first.
  Table<OpenReader> readers;
  Table<OpenCursor> cursors;
};

std::optional<ReaderTables> tables;

OpenReader* reader_of(const char* who, SCM id) {
  OpenReader* reader =
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

// (%reader-open path) -> reader
SCM reader_open(SCM path) {
  expect_argument(scm_is_string(path), "%reader-open", 1, path, "string");
  std::int64_t id = 0;
  work("%reader-open", [&]() -> Result<> {
    auto reader = Reader::open(to_string(path));
    if (!reader) return reader.error();
    id = tables->readers.add(std::make_unique<OpenReader>(OpenReader{*std::move(reader), {}}));
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
  Reader* reader = reader_of("%reader-deadline", id)->reader.get();
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

// (%reader-snapshot reader): from now on all cursors see the store of this moment
SCM reader_snapshot(SCM id) {
  OpenReader* open = reader_of("%reader-snapshot", id);
  work("%reader-snapshot", [&]() -> Result<> {
    if (open->snapshot) return {};
    auto snapshot = open->reader->snapshot();
    if (!snapshot) return snapshot.error();
    open->snapshot.emplace(*std::move(snapshot));
    return {};
  });
  return SCM_UNSPECIFIED;
}

// (%reader-release reader) lets go of the snapshot, if one is held
SCM reader_release(SCM id) {
  OpenReader* open = reader_of("%reader-release", id);
  open->snapshot.reset();
  return SCM_UNSPECIFIED;
}

// (%cursor-open reader sql parameters) -> cursor; PARAMETERS is a list of strings, numbers, #f
SCM cursor_open(SCM id, SCM sql, SCM parameters) {
  const char* who = "%cursor-open";
  Reader* reader = reader_of(who, id)->reader.get();
  expect_argument(scm_is_string(sql), who, 2, sql, "string");
  expect_argument(scm_ilength(parameters) >= 0, who, 3, parameters, "list");
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
    cursor_id = tables->cursors.add(
        std::make_unique<OpenCursor>(OpenCursor{scm_to_int64(id), *std::move(cursor)}));
    return {};
  });
  return scm_from_int64(cursor_id);
}

// (%cursor-next cursor) -> vector of the row's values, NULL as #f; or #f at the end
SCM cursor_next(SCM id) {
  OpenCursor* open = cursor_of("%cursor-next", id);
  SCM row = SCM_BOOL_F;
  work("%cursor-next", [&]() -> Result<> {
    const auto more = open->cursor.next();
    if (!more) return more.error();
    if (!*more) return {};
    const int columns = open->cursor.columns();
    row = scm_c_make_vector(static_cast<std::size_t>(columns), SCM_BOOL_F);
    for (int i = 0; i < columns; ++i)
      SCM_SIMPLE_VECTOR_SET(row, static_cast<std::size_t>(i), to_scm(open->cursor.value(i)));
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
  define("%reader-open", 1, reinterpret_cast<void*>(reader_open));
  define("%reader-close", 1, reinterpret_cast<void*>(reader_close));
  define("%reader-deadline", 2, reinterpret_cast<void*>(reader_deadline));
  define("%reader-snapshot", 1, reinterpret_cast<void*>(reader_snapshot));
  define("%reader-release", 1, reinterpret_cast<void*>(reader_release));
  define("%cursor-open", 3, reinterpret_cast<void*>(cursor_open));
  define("%cursor-next", 1, reinterpret_cast<void*>(cursor_next));
  define("%cursor-close", 1, reinterpret_cast<void*>(cursor_close));
}

void close_reader_primitives() { tables.reset(); }

}  // namespace sheepdog::binding
