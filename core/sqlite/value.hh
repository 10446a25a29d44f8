// value.hh -- one SQLite value outside of SQLite.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sheepdog {

using Blob = std::vector<std::uint8_t>;
using BlobView = std::span<const std::uint8_t>;

/// NULL, INTEGER, REAL, TEXT or BLOB. Equal where type and content are equal: 1 is not 1.0.
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;

/// A Value that somebody else owns.
struct ValueView {
  enum class Type : std::uint8_t { null, integer, real, text, blob };

  Type type = Type::null;
  union {
    std::int64_t integer = 0;
    double real;
  };
  std::string_view bytes;  ///< of a text or blob

  Value value() const;
};

using RowView = std::span<const ValueView>;

}  // namespace sheepdog
