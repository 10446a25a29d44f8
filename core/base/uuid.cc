// uuid.cc -- identifiers of reports and runs.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/uuid.hh"

#include <nettle/sha2.h>

#include <algorithm>
#include <span>

namespace sheepdog {

namespace {

constexpr char digits[] = "0123456789abcdef";

std::array<std::uint8_t, SHA256_DIGEST_SIZE> sha256(std::string_view bytes) {
  std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest;
  sha256_ctx context;
  sha256_init(&context);
  sha256_update(&context, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
  sha256_digest(&context, digest.size(), digest.data());
  return digest;
}

int value_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool dash_at(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

void set_version(Uuid& id, unsigned version) {
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0Fu) | (version << 4));
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3Fu) | 0x80u);
}

}  // namespace

std::string Uuid::text() const {
  std::string out;
  out.reserve(36);
  for (const auto b : bytes) {
    if (dash_at(out.size())) out += '-';
    out += digits[b >> 4];
    out += digits[b & 15];
  }
  return out;
}

Uuid uuid_of(std::span<const std::uint8_t> bytes) {
  Uuid uuid;
  std::copy_n(bytes.begin(), std::min(bytes.size(), uuid.bytes.size()), uuid.bytes.begin());
  return uuid;
}

Result<Uuid> parse_uuid(std::string_view text) {
  const auto wrong = [&] {
    return Error{ErrorCode::invalid, "not a UUID", std::string(text.substr(0, 64))};
  };
  if (text.size() != 36) return wrong();
  Uuid id;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (dash_at(i)) {
      if (text[i] != '-') return wrong();
      continue;
    }
    const int v = value_of(text[i]);
    if (v < 0) return wrong();
    auto& byte = id.bytes[nibble / 2];
    byte = static_cast<std::uint8_t>((byte << 4 | v) & 0xFF);
    ++nibble;
  }
  return id;
}

Uuid derive_uuid(std::string_view text) {
  const auto digest = sha256(text);
  Uuid id;
  std::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
  set_version(id, 8);
  return id;
}

Uuid UuidSource::next() {
  const auto millisecond = clock_.now() / 1000;
  Uuid id;
  random_.fill(id.bytes);
  if (millisecond > last_millisecond_) {
    last_millisecond_ = millisecond;
    counter_ = static_cast<std::uint16_t>((id.bytes[6] & 0x07u) << 8 | id.bytes[7]);
  } else if (++counter_ > 0x0FFF) {
    ++last_millisecond_;
    counter_ = 0;
  }
  for (std::size_t i = 0; i < 6; ++i)
    id.bytes[i] = static_cast<std::uint8_t>(last_millisecond_ >> (40 - 8 * i));
  id.bytes[6] = static_cast<std::uint8_t>(counter_ >> 8);
  id.bytes[7] = static_cast<std::uint8_t>(counter_);
  set_version(id, 7);
  return id;
}

std::string sha256_hex(std::string_view bytes) {
  std::string out;
  for (const auto b : sha256(bytes)) {
    out += digits[b >> 4];
    out += digits[b & 15];
  }
  return out;
}

}  // namespace sheepdog
