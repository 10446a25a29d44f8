// capture.hh -- the first and the last bytes of an output, and how many there were.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sheepdog {

/// Keeps at most HEAD + TAIL bytes of what is added, however much that is.
class Capture {
 public:
  static constexpr std::size_t default_head = 2048;
  static constexpr std::size_t default_tail = 14336;

  explicit Capture(std::size_t head = default_head, std::size_t tail = default_tail)
      : head_size_(head), tail_size_(tail) {}

  void add(std::string_view bytes);

  std::uint64_t bytes() const { return bytes_; }  ///< how many were added
  std::uint64_t omitted() const;                  ///< how many of them are not kept
  const std::string& head() const { return head_; }
  std::string tail() const;
  /// All that is kept: head and tail; the gap, where there is one, is after head().size().
  std::string text() const { return head_ + tail(); }

 private:
  std::size_t head_size_;
  std::size_t tail_size_;
  std::string head_;
  std::string ring_;       ///< the tail; once full, its oldest byte is at start_
  std::size_t start_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace sheepdog
