// row_packer.cc -- rows of the store as Scheme vectors.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "binding/row_packer.hh"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "base/uuid.hh"
#include "binding/convert.hh"

namespace sheepdog::binding {

namespace {

constexpr std::string_view all_kinds = "rtesopu";

SCM symbol(const char* name) { return scm_gc_protect_object(scm_from_utf8_symbol(name)); }

SCM status_symbol(std::int64_t number) {
  static const std::array symbols{symbol("ok"), symbol("warning"), symbol("critical"),
                                  symbol("unknown"), symbol("missing")};
  if (number >= 0 && number < std::ssize(symbols)) return symbols[static_cast<std::size_t>(number)];
  return scm_from_int64(number);
}

// Whole numbers of 64 bits are equal in SQL however the store has them; so they have one form.
SCM number(double d) {
  constexpr double limit = 9223372036854775808.0;  // 2^63
  if (d >= -limit && d < limit && d == std::trunc(d))
    return scm_from_int64(static_cast<std::int64_t>(d));
  return scm_from_double(d);
}

bool is_ascii(std::string_view text) {
  std::uint64_t all = 0;
  std::size_t i = 0;
  for (; i + sizeof all <= text.size(); i += sizeof all) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, sizeof word);
    all |= word;
  }
  for (; i < text.size(); ++i) all |= static_cast<unsigned char>(text[i]);
  return (all & 0x8080808080808080) == 0;
}

SCM string(std::string_view text) {
  return is_ascii(text) ? scm_from_latin1_stringn(text.data(), text.size()) : to_scm(text);
}

SCM bytevector(std::string_view bytes) {
  const SCM made = scm_c_make_bytevector(bytes.size());
  if (!bytes.empty()) std::memcpy(SCM_BYTEVECTOR_CONTENTS(made), bytes.data(), bytes.size());
  return made;
}

SCM uuid_text(std::string_view bytes) {
  Uuid uuid;
  std::memcpy(uuid.bytes.data(), bytes.data(), uuid.bytes.size());
  const std::string text = uuid.text();
  return scm_from_latin1_stringn(text.data(), text.size());
}

constexpr std::string_view package_prefix = "package.";
constexpr std::size_t places = 256;
constexpr std::size_t longest = 64;  ///< texts beyond this seldom come again

std::size_t place_of(std::string_view text) {
  std::uint64_t hash = text.size();
  std::size_t i = 0;
  for (; i + sizeof hash <= text.size(); i += sizeof hash) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, sizeof word);
    hash = (std::rotl(hash, 5) ^ word) * 0x9e3779b97f4a7c15;
  }
  std::uint64_t word = 0;
  std::memcpy(&word, text.data() + i, text.size() - i);
  hash = (std::rotl(hash, 5) ^ word) * 0x9e3779b97f4a7c15;
  return static_cast<std::size_t>(hash >> 56);
}

}  // namespace

SCM RowPacker::Texts::string_of(std::string_view text) {
  // Rows of names that come again take two thirds of the time; a short result is not worth a table,
  // nor are texts that are all different.
  ++asked;
  if (asked < 32 || text.size() > longest || (asked > 4096 && found < asked / 4))
    return string(text);
  if (texts.empty()) {
    texts.resize(places);
    strings = Kept(scm_c_make_vector(places, SCM_BOOL_F));
  }
  const std::size_t place = place_of(text);
  if (SCM known = SCM_SIMPLE_VECTOR_REF(strings.get(), place);
      scm_is_true(known) && texts[place] == text) {
    ++found;
    return known;
  }
  const SCM made = string(text);
  texts[place] = text;
  SCM_SIMPLE_VECTOR_SET(strings.get(), place, made);
  return made;
}

RowPacker::RowPacker(std::string kinds) : kinds_(std::move(kinds)), texts_(kinds_.size()) {}

Result<RowPacker> RowPacker::make(std::string kinds, std::size_t columns) {
  if (kinds.size() > columns)
    return Error{ErrorCode::invalid,
                 fmt::format("{} kinds for {} columns", kinds.size(), columns), kinds};
  kinds.resize(columns, 'r');
  const auto wrong = kinds.find_first_not_of(all_kinds);
  if (wrong != std::string::npos)
    return Error{ErrorCode::invalid,
                 fmt::format("no kind of columns: {}; there are {}", kinds[wrong], all_kinds), kinds};
  return RowPacker(std::move(kinds));
}

SCM RowPacker::pack(std::size_t column, const ValueView& value) {
  const char kind = kinds_[column];
  switch (value.type) {
    case ValueView::Type::null: {
      static const SCM now = symbol("now");
      static const SCM running = symbol("running");
      return kind == 'e' ? now : kind == 'o' ? running : SCM_BOOL_F;
    }
    case ValueView::Type::integer:
      if (kind == 't' || kind == 'e') return seconds_to_scm(value.integer);
      if (kind == 's') return status_symbol(value.integer);
      return scm_from_int64(value.integer);
    case ValueView::Type::real:
      return number(kind == 't' || kind == 'e' ? value.real / 1e6 : value.real);
    case ValueView::Type::text:
      if (kind == 'o' && is_ascii(value.bytes))
        return scm_from_latin1_symboln(value.bytes.data(), value.bytes.size());
      if (kind == 'p' && value.bytes.starts_with(package_prefix))
        return texts_[column].string_of(value.bytes.substr(package_prefix.size()));
      return texts_[column].string_of(value.bytes);
    default:
      if (kind == 'u' && value.bytes.size() == sizeof(Uuid::bytes)) return uuid_text(value.bytes);
      return bytevector(value.bytes);
  }
}

SCM RowPacker::pack(RowView row) {
  const SCM packed = scm_c_make_vector(row.size(), SCM_BOOL_F);
  for (std::size_t i = 0; i < row.size(); ++i)
    SCM_SIMPLE_VECTOR_SET(packed, i, pack(i, row[i]));
  return packed;
}

}  // namespace sheepdog::binding
