// confine.hh -- take from this process, for good, what somebody else's question does not need.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.hh"

namespace sheepdog {

/// From now on this process computes with what it has open, and nothing else: it opens and writes no
/// file, starts no program, process or thread, reaches no network and signals nobody. Root becomes
/// nobody. It dies with its parent. For a process that is about to run code that is not trusted, once
/// all that it needs is open and loaded. What is refused fails with an error, and kills nobody.
/// Error: unsupported, where this kernel cannot do that.
Result<> confine();

}  // namespace sheepdog
