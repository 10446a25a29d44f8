// kept_rows.hh -- rows that were read ahead, in little memory.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "sqlite/value.hh"

namespace sheepdog {

/// A queue of rows of equally many columns; owns their values.
class KeptRows {
 public:
  void push(RowView row);

  /// Sets ROW, which has as many elements as a row columns, to the first row, and drops that; its
  /// texts until the next call. False where there is none.
  bool pop(std::vector<ValueView>& row);

  /// Drops all rows, but not all memory: others will come.
  void clear();

  std::size_t bytes() const { return bytes_; }  ///< of memory, about

 private:
  using Chunk = std::vector<char>;
  std::deque<Chunk> chunks_;
  std::size_t position_ = 0;  ///< in the first chunk
  std::size_t bytes_ = 0;
};

}  // namespace sheepdog
