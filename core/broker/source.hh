// source.hh -- where a receiver or a forwarder gets what reporters handed in.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hh"
#include "base/result.hh"

namespace sheepdog {

/// The place of an entry in its source; ascending in the order in which entries came.
struct EntryKey {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;

  std::string text() const { return std::to_string(major) + '-' + std::to_string(minor); }
  auto operator<=>(const EntryKey&) const = default;
};

struct Entry {
  EntryKey key;
  std::string body;   ///< a report as it travels; where fault is set, the first bytes of what came
  Micros arrival = 0;
  std::string fault;  ///< why this can only become a dead letter; empty for a report
  bool stamped = false;  ///< by a daemon, which has judged how long it was when it was sent
};

/// At least once and in order: what was not acknowledged comes again after a restart. Destroying a
/// source drops its callbacks.
class Source {
 public:
  using Batch = std::vector<Entry>;

  virtual ~Source() = default;

  /// Answers with the next entries, at least one and at most MAX, as soon as there are any. One
  /// call at a time; the batch after it may be asked for before this one is acknowledged. What
  /// passes by itself (a broker that is away) is waited for; an error is something that a person
  /// has to see to, and asking again later is right.
  virtual void next(std::size_t max, std::function<void(Result<Batch>)> answer) = 0;

  /// What KEYS name is committed and need never come again. Batches in any order.
  virtual void acknowledge(std::vector<EntryKey> keys, std::function<void(Result<>)> done) = 0;

  /// The next batch begins at the oldest entry that is not acknowledged. Not while next() waits.
  virtual void rewind() = 0;

  /// True where all that had been sent by the last call of this has been handed out by now.
  virtual bool was_drained() = 0;

  /// What a report without an id has its id derived from, together with the entry's key.
  virtual std::string name() const = 0;
};

}  // namespace sheepdog
