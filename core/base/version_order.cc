// version_order.cc -- Debian's order of versions, and that of Guix.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/version_order.hh"

#include <algorithm>
#include <cstring>
#include <string>

namespace sheepdog {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// The first characters of TEXT that are (not) digits, taken off it.
std::string_view take(std::string_view& text, bool digits) {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n]) == digits) ++n;
  const auto taken = text.substr(0, n);
  text.remove_prefix(n);
  return taken;
}

/// Where the character at I stands among others: ~ even before the end, letters before all else.
int rank(std::string_view text, std::size_t i) {
  if (i >= text.size()) return 0;
  const char c = text[i];
  if (c == '~') return -1;
  const int code = static_cast<unsigned char>(c);
  return is_letter(c) ? code : code + 256;
}

int compare_words(std::string_view a, std::string_view b) {
  for (std::size_t i = 0; i < a.size() || i < b.size(); ++i)
    if (const int order = rank(a, i) - rank(b, i); order != 0) return order;
  return 0;
}

/// Digits as numbers of any length; none are 0.
int compare_numbers(std::string_view a, std::string_view b) {
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

/// Two upstream versions, or two revisions: by turns what is no digits, and digits.
int compare_parts(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    const auto word_a = take(a, false), word_b = take(b, false);
    if (const int order = compare_words(word_a, word_b); order != 0) return order;
    const auto number_a = take(a, true), number_b = take(b, true);
    if (const int order = compare_numbers(number_a, number_b); order != 0) return order;
  }
  return 0;
}

struct DebianVersion {
  std::string_view epoch, upstream, revision;
};

DebianVersion parse(std::string_view text) {
  DebianVersion version;
  if (const auto colon = text.find(':');
      colon != text.npos && text.find_first_not_of("0123456789") == colon) {
    version.epoch = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (const auto hyphen = text.rfind('-'); hyphen != text.npos) {
    version.revision = text.substr(hyphen + 1);
    text = text.substr(0, hyphen);
  }
  version.upstream = text;
  return version;
}

}  // namespace

int version_compare(std::string_view a, std::string_view b) {
  const auto x = parse(a), y = parse(b);
  if (const int order = compare_numbers(x.epoch, y.epoch); order != 0) return order;
  if (const int order = compare_parts(x.upstream, y.upstream); order != 0) return order;
  return compare_parts(x.revision, y.revision);
}

int guix_version_compare(std::string_view a, std::string_view b) {
  return ::strverscmp(std::string(a).c_str(), std::string(b).c_str());
}

}  // namespace sheepdog
