// held_output.hh -- keep all output aside until it is known whether anybody wants it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "base/file.hh"
#include "process/child.hh"

namespace sheepdog {

/// Both outputs in the order in which they came: a little in memory, more in a file without a name.
class HeldOutput {
 public:
  /// False where there is no room for BYTES; what was held before is still there.
  bool add(Output which, std::string_view bytes);

  struct Piece {
    Output which = Output::out;
    std::string bytes;
  };
  /// The next piece, in order; with no bytes where there is none. Nothing may be added after this.
  Piece next();

 private:
  bool write_out();

  std::string memory_;
  Fd file_;
  off_t file_size_ = 0;
  off_t at_ = 0;
  std::size_t memory_at_ = 0;
};

}  // namespace sheepdog
