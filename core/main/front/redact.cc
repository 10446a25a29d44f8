// redact.cc -- take what must not be told out of texts.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/front/redact.hh"

#include <regex.h>

#include <algorithm>
#include <array>

namespace sheepdog {

struct Redactor::Pattern {
  regex_t compiled{};
  bool valid = false;
  ~Pattern() {
    if (valid) regfree(&compiled);
  }
};

namespace {

/// What POSIX lacks, in its words; an empty string where it cannot be said.
std::string to_posix(std::string_view pattern) {
  std::string out;
  bool in_brackets = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    const char next = i + 1 < pattern.size() ? pattern[i + 1] : '\0';
    if (c == '\\' && next == 'd') {
      out += in_brackets ? "0-9" : "[0-9]", ++i;
    } else if (c == '\\' && next == 's' && in_brackets) {
      out += "[:space:]", ++i;
    } else if (c == '\\' && next == 'w' && in_brackets) {
      out += "[:alnum:]_", ++i;
    } else if (in_brackets) {
      out += c;
      if (c == '[' && (next == ':' || next == '.' || next == '=')) {
        const auto end = pattern.find(std::array<char, 3>{next, ']', '\0'}.data(), i + 2);
        if (end == pattern.npos) return {};
        out += pattern.substr(i + 1, end + 1 - i);
        i = end + 1;
      } else if (c == ']') {
        in_brackets = false;
      }
    } else if (c == '\\' && next == 'D') {
      out += "[^0-9]", ++i;
    } else if (c == '\\' && next == 't') {
      out += '\t', ++i;
    } else if (c == '\\' && next != '\0') {
      out += c, out += next, ++i;
    } else if (c == '(' && next == '?') {
      if (i + 2 >= pattern.size() || pattern[i + 2] != ':') return {};
      out += '(', i += 2;
    } else if (c == '[') {
      in_brackets = true;
      out += c;
      if (next == '^') out += next, ++i;
      if (i + 1 < pattern.size() && pattern[i + 1] == ']') out += ']', ++i;
    } else {
      out += c;
    }
  }
  return out;
}

/// Matching these can take time without end.
bool has_back_reference(std::string_view pattern) {
  for (std::size_t i = 0; i + 1 < pattern.size(); ++i)
    if (pattern[i] == '\\' && pattern[++i] >= '1' && pattern[i] <= '9') return true;
  return false;
}

}  // namespace

Result<Redactor> Redactor::make(const std::vector<std::string>& patterns) {
  Redactor redactor;
  for (const auto& pattern : patterns) {
    int flags = REG_EXTENDED | REG_NEWLINE;
    std::string_view rest = pattern;
    if (rest.starts_with("(?i)")) {
      flags |= REG_ICASE;
      rest.remove_prefix(4);
    }
    if (has_back_reference(rest))
      return Error{ErrorCode::invalid, "back-references (\\1 to \\9) are not understood", pattern};
    const auto posix = to_posix(rest);
    if (posix.empty() || posix.find('\0') != posix.npos)
      return Error{ErrorCode::invalid,
                   "not an extended regular expression (look-around and lazy groups are unknown)",
                   pattern};
    auto compiled = std::make_shared<Pattern>();
    if (const int code = regcomp(&compiled->compiled, posix.c_str(), flags); code != 0) {
      std::array<char, 200> reason{};
      regerror(code, &compiled->compiled, reason.data(), reason.size());
      return Error{ErrorCode::invalid, reason.data(), pattern};
    }
    compiled->valid = true;
    redactor.patterns_.push_back(std::move(compiled));
  }
  return redactor;
}

std::vector<Redactor::Match> Redactor::matches(std::string_view text) const {
  std::vector<Match> found;
  for (const auto& pattern : patterns_) {
    std::size_t at = 0;
    while (at < text.size()) {
      regmatch_t match{};
      match.rm_so = 0;
      match.rm_eo = static_cast<regoff_t>(text.size() - at);
      const bool line_start = at == 0 || text[at - 1] == '\n';
      const int flags = REG_STARTEND | (line_start ? 0 : REG_NOTBOL);
      if (regexec(&pattern->compiled, text.data() + at, 1, &match, flags) != 0) break;
      const auto from = at + static_cast<std::size_t>(match.rm_so);
      const auto to = at + static_cast<std::size_t>(match.rm_eo);
      if (to > from) found.push_back({from, to});
      at = std::max(to, from + 1);
    }
  }
  std::sort(found.begin(), found.end(), [](const Match& a, const Match& b) {
    return a.from < b.from;
  });
  std::vector<Match> merged;
  for (const auto& match : found) {
    if (!merged.empty() && match.from < merged.back().to)
      merged.back().to = std::max(merged.back().to, match.to);
    else
      merged.push_back(match);
  }
  return merged;
}

std::string Redactor::apply(std::string_view text) const {
  std::string out;
  std::size_t at = 0;
  for (const auto& match : matches(text)) {
    out += text.substr(at, match.from - at);
    out += replacement;
    at = match.to;
  }
  out += text.substr(at);
  return out;
}

void RedactedStream::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto piece = bytes.substr(0, std::min({end, bytes.size(), line_size}));
    line_ += piece;
    bytes.remove_prefix(piece.size());
    if (!bytes.empty() && bytes[0] == '\n') {
      sink_(redactor_.apply(line_));
      sink_("\n");
      line_.clear();
      bytes.remove_prefix(1);
    } else if (line_.size() >= line_size) {
      pass_long_line();
    }
  }
}

/// Pass on what no later byte can make part of a match, unless it is longer than the overlap.
void RedactedStream::pass_long_line() {
  auto until = line_.size() - overlap_size;
  for (const auto& match : redactor_.matches(line_)) {
    if (match.from >= until) break;
    // A match that reaches the end may go on; where it is longer than the overlap it is cut.
    if (match.to > until) until = match.to < line_.size() ? match.to : match.from;
  }
  if (until == 0) until = line_.size();
  sink_(redactor_.apply(std::string_view(line_).substr(0, until)));
  line_.erase(0, until);
}

void RedactedStream::finish() {
  if (!line_.empty()) sink_(redactor_.apply(line_));
  line_.clear();
}

}  // namespace sheepdog
