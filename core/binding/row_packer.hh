// row_packer.hh -- rows of the store as Scheme vectors.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "binding/guile.hh"
#include "base/result.hh"
#include "sqlite/value.hh"

namespace sheepdog::binding {

/// Makes the rows of one cursor. What becomes of a value is said by the kind of its column:
///
///   r  raw: a string, a number, a bytevector; NULL is #f
///   t  microseconds as seconds, exact where they are whole; NULL is #f
///   e  likewise; NULL is the symbol now
///   s  the number of a status as its symbol; NULL is #f
///   o  the outcome of a run as a symbol; NULL is running
///   p  the key of a fact about a package as the package's name
///   u  the 16 bytes of a UUID as text; NULL is #f
///
/// A value that a kind does not expect is given raw. Everywhere a real number that is whole and
/// below 2^53 is given as an exact integer, so that a number is the same however it was stored.
/// Equal texts may be the same string, which nobody may change.
class RowPacker {
 public:
  /// Columns for which there is no kind are raw. Error: invalid, where KINDS has an unknown one or
  /// more than COLUMNS.
  static Result<RowPacker> make(std::string kinds, std::size_t columns);

  SCM pack(RowView row);

 private:
  /// The strings of a column whose values come again and again; found by a hash of the text, in one
  /// place each.
  struct Texts {
    std::size_t asked = 0;
    std::size_t found = 0;
    std::vector<std::string> texts;
    Kept strings;  ///< a vector
    SCM string_of(std::string_view text);
  };

  explicit RowPacker(std::string kinds);
  SCM pack(std::size_t column, const ValueView& value);

  std::string kinds_;
  std::vector<Texts> texts_;
};

}  // namespace sheepdog::binding
