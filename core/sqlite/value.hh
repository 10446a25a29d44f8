// value.hh -- one SQLite value outside of SQLite.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace sheepdog {

using Blob = std::vector<std::uint8_t>;
using BlobView = std::span<const std::uint8_t>;

/// NULL, INTEGER, REAL, TEXT or BLOB. Equal where type and content are equal: 1 is not 1.0.
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;

}  // namespace sheepdog
