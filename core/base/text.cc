// text.cc -- bytes as text, and as what may stand in texts.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.hh"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sheepdog {

bool is_ascii(std::string_view bytes) {
  constexpr std::uint64_t high = 0x8080808080808080;
  while (bytes.size() >= sizeof high) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    if ((word & high) != 0) return false;
    bytes.remove_prefix(sizeof word);
  }
  return std::none_of(bytes.begin(), bytes.end(),
                      [](char c) { return (static_cast<unsigned char>(c) & 0x80) != 0; });
}

bool is_utf8(std::string_view bytes) {
  if (is_ascii(bytes)) return true;
  std::size_t i = 0;
  const auto at = [&](std::size_t k) { return static_cast<unsigned char>(bytes[k]); };
  while (i < bytes.size()) {
    const auto lead = at(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    std::size_t length = 0;
    std::uint32_t point = 0;
    if (lead >= 0xC2 && lead <= 0xDF) length = 2, point = lead & 0x1Fu;
    else if ((lead & 0xF0) == 0xE0) length = 3, point = lead & 0x0Fu;
    else if (lead >= 0xF0 && lead <= 0xF4) length = 4, point = lead & 0x07u;
    else return false;
    if (i + length > bytes.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((at(i + k) & 0xC0) != 0x80) return false;
      point = point << 6 | (at(i + k) & 0x3Fu);
    }
    if (length == 3 && (point < 0x800 || (point >= 0xD800 && point <= 0xDFFF))) return false;
    if (length == 4 && (point < 0x10000 || point > 0x10FFFF)) return false;
    i += length;
  }
  return true;
}

std::string base64(std::string_view bytes) {
  static constexpr char alphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const auto have = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < have ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k)
      out += k <= have ? alphabet[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

}  // namespace sheepdog
