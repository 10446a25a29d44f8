// functions.hh -- SQL functions for questions.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sqlite/db.hh"

namespace sheepdog {

/// Defines for DB:
///
///   version_compare(A, B)       -1, 0 or 1 as A is older than B, as new, or newer, by Debian's order;
///   guix_version_compare(A, B)  the same by Guix'; both NULL where one of them is no text
///   median(X)                   aggregate: the middle one of the numbers X, or the mean of the two
///                               in the middle; what is no number is left out; NULL of none
///   exact_sum(X)                aggregate: the sum of the numbers X, which does not depend on their
///                               order; whole where they are and it has 64 bits, else real; 0 of none
///   exact_mean(X)               aggregate: that sum, as a real, by their number; NULL of none
///
/// A sum beyond all real numbers is an error.
Result<> define_question_functions(Db& db);

}  // namespace sheepdog
