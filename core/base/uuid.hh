// uuid.hh -- identifiers of reports and runs (RFC 9562).
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hh"
#include "base/random.hh"
#include "base/result.hh"

namespace sheepdog {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  /// The canonical lower-case text of 36 characters.
  std::string text() const;
  auto operator<=>(const Uuid&) const = default;
};

/// From its 16 BYTES, as they are stored.
Uuid uuid_of(std::span<const std::uint8_t> bytes);

/// Reads the canonical text, either case. Error: invalid.
Result<Uuid> parse_uuid(std::string_view text);

/// A version 8 UUID made of the first bits of SHA-256(TEXT): the same text has always the same id.
Uuid derive_uuid(std::string_view text);

/// Makes version 7 UUIDs, ascending even within one millisecond and when the clock goes back
/// (RFC 9562, 6.2, method 1: a counter in rand_a). Not for several threads.
class UuidSource {
 public:
  UuidSource(const Clock& clock, Random& random) : clock_(clock), random_(random) {}
  Uuid next();

 private:
  const Clock& clock_;
  Random& random_;
  std::int64_t last_millisecond_ = -1;
  std::uint16_t counter_ = 0;
};

/// Lower-case hexadecimal SHA-256 of BYTES, 64 characters.
std::string sha256_hex(std::string_view bytes);

}  // namespace sheepdog
