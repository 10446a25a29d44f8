// confine.hh -- take from this process, for good, what somebody else's question does not need.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.hh"

namespace sheepdog {

/// Close all descriptors above 2: what who started this process left open by mistake is not for it.
void close_inherited();

/// Let everybody else's work come first: it has little of the processor where others want it, and where
/// the machine runs out of memory it is the first that the kernel ends.
void stand_back();

/// From now on this process computes with what it has open, and nothing else: it opens and writes no
/// file, starts no program, process or thread, reaches no network and signals nobody. Root becomes
/// nobody. What stays open for writing stays writable: the pipe or socket that it answers on, and the
/// index that SQLite shares with the store's writer (the -shm beside the store), which is mapped, and
/// locked, by readers too; no file grows or is written by a call, the limit of a file's size being 0.
/// It dies with its parent. For a process that is about to run code that is not trusted, once
/// all that it needs is open and loaded. What is refused fails with an error, and kills nobody.
/// Error: unsupported, where this kernel cannot do that.
Result<> confine();

}  // namespace sheepdog
