// spool_file.hh -- the spool's database, as its worker thread sees it: blocking.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hh"
#include "base/report.hh"
#include "base/result.hh"
#include "broker/source.hh"
#include "broker/spool_entry.hh"
#include "sqlite/db.hh"
#include "sqlite/statement.hh"

namespace sheepdog {

struct SpoolOptions {
  std::string path;
  std::string host;                           ///< of the spool's own reports
  std::size_t limit = std::size_t{64} << 20;  ///< bytes of reports that may wait
  std::size_t disk_limit = 0;                 ///< bytes of the file; 0: over twice the limit
};

/// What waits.
struct SpoolUsage {
  std::size_t entries = 0;
  std::size_t bytes = 0;                      ///< of entries and of what is known of open runs
  std::int64_t lost = 0;                      ///< went for want of room and is not reported yet
  std::int64_t warning = 0;                   ///< key of the last warning, until all is well again; or 0
  std::map<std::uint32_t, std::size_t> held;  ///< bytes by user, where the user is known

  void add(std::size_t size, std::optional<std::uint32_t> uid);
  void subtract(std::size_t size, std::optional<std::uint32_t> uid);
};

/// A damaged database is set aside under another name and a new one started, with a report that
/// says so; that is the only way in which what was accepted goes, but for want of room.
class SpoolFile {
 public:
  static Result<SpoolFile> open(const Clock& clock, SpoolOptions options);

  /// All or none, on the disk when this returns. Errors: full (no room on the disk), io.
  Result<> append(std::span<const SpoolEntry> entries);

  /// What comes after AFTER, in order: at most MAX entries and, but for the first, MAX_BYTES.
  Result<std::vector<Entry>> take(std::int64_t after, std::size_t max, std::size_t max_bytes);

  /// Forget KEYS, ascending. A crash may undo this.
  Result<> release(std::span<const std::int64_t> keys);

  Result<std::vector<OpenRun>> open_runs();

  const SpoolUsage& usage() const { return usage_; }
  /// Differs from that of every other spool there is or was.
  const std::string& id() const { return id_; }

 private:
  static constexpr std::size_t entry_cost = 96;  ///< what an entry takes on the disk beside its body
  static constexpr std::size_t page_size = 4096;
  static constexpr std::int64_t no_uid = -1;     ///< of open runs

  static std::size_t size_of(const SpoolEntry& entry) {
    return entry.body.size() + entry.fault.size() + entry_cost;
  }
  static std::size_t size_of_opening(std::size_t bytes) { return bytes + entry_cost; }
  static std::optional<std::uint32_t> uid_at(const Statement& row, int column);
  SpoolFile(const Clock& clock, SpoolOptions options);
  Result<> open_database();
  Result<> try_open();
  Result<> set_aside(const Error& damage);
  template <typename F>
  auto mended(F attempt) -> decltype(attempt());
  Result<> append_once(std::span<const SpoolEntry> entries);
  bool is_at_its_limit(std::span<const SpoolEntry> entries);
  Result<std::vector<Entry>> take_once(std::int64_t after, std::size_t max, std::size_t max_bytes);
  Result<> release_once(std::span<const std::int64_t> keys);
  Result<> insert(const SpoolEntry& entry, SpoolUsage& usage);
  Result<bool> apply_mark(const SpoolEntry& entry, SpoolUsage& usage);
  Result<> make_room(SpoolUsage& usage);
  Result<> tell_losses(SpoolUsage& usage);
  Result<> count();
  SpoolEntry own_report(Status status, std::string summary, std::string_view what) const;
  Result<> warn(std::string summary, std::string_view what, SpoolUsage& usage);
  Result<> note_warning(std::int64_t key, SpoolUsage& usage);
  Result<> tell_recovery(SpoolUsage& usage);

  const Clock* clock_;
  SpoolOptions options_;
  std::optional<Db> db_;
  std::string id_;
  std::int64_t highest_key_ = 0;  ///< ever given, also by a database that is set aside
  SpoolUsage usage_;
};

}  // namespace sheepdog
