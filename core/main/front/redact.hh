// redact.hh -- take what must not be told out of texts.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// POSIX regular expressions, because their matching time does not explode, but with back-references,
// and no library comes with them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hh"

namespace sheepdog {

class Redactor {
 public:
  static constexpr std::string_view replacement = "[redacted]";

  /// PATTERNS are extended regular expressions; \d \D \s \w, (?:...) and a leading (?i) are
  /// understood too; back-references are refused. Error: invalid, with the pattern and what is wrong.
  static Result<Redactor> make(const std::vector<std::string>& patterns);

  bool empty() const { return patterns_.empty(); }
  /// TEXT with all that matches replaced.
  std::string apply(std::string_view text) const;

 private:
  friend class RedactedStream;
  struct Pattern;
  struct Match {
    std::size_t from, to;
  };
  /// The matches of all patterns, merged and in order.
  std::vector<Match> matches(std::string_view text) const;

  std::vector<std::shared_ptr<const Pattern>> patterns_;
};

/// Redacts what comes in pieces, line by line, so that no match is missed at a seam. Of a line
/// longer than line_size it sees windows that overlap by overlap_size.
class RedactedStream {
 public:
  static constexpr std::size_t line_size = 64 * 1024;
  static constexpr std::size_t overlap_size = 4 * 1024;

  RedactedStream(const Redactor& redactor, std::function<void(std::string_view)> sink)
      : redactor_(redactor), sink_(std::move(sink)) {}
  void add(std::string_view bytes);
  /// The end of the text: pass on what is held.
  void finish();

 private:
  void pass_long_line();

  const Redactor& redactor_;
  std::function<void(std::string_view)> sink_;
  std::string line_;
};

}  // namespace sheepdog
