// spool_file.cc -- the spool's database.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/spool_file.hh"

#include <fmt/format.h>

#include <algorithm>

#include "base/report.hh"
#include "sqlite/statement.hh"
#include "sqlite/transaction.hh"

namespace sheepdog {

namespace {

constexpr std::size_t index_pages = 8;  ///< that a transaction may need beside those of its entries

BlobView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string text_of(BlobView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

/// The report ABOUT this spool; WHAT tells it from the others.
SpoolEntry SpoolFile::own_report(Status status, std::string summary, std::string_view what) const {
  Report report;
  report.id = derive_uuid(fmt::format("spool {} {}", id_, what));
  report.time = clock_->now();
  report.host = options_.host;
  report.service = "sheepdog";
  report.status = status;
  report.summary = std::move(summary);
  return spool_entry(report, report.time);
}

Result<> SpoolFile::warn(std::string summary, std::string_view what, SpoolUsage& usage) {
  auto inserted = insert(own_report(Status::warning, std::move(summary), what), usage);
  if (!inserted) return inserted;
  return note_warning(highest_key_, usage);
}

Result<> SpoolFile::note_warning(std::int64_t key, SpoolUsage& usage) {
  usage.warning = key;
  auto note = db_->prepare("UPDATE spool SET warning = ?");
  if (!note) return note.error();
  return note->run(key);
}

/// The warning has been passed on, and there is room for what comes: all is well again.
Result<> SpoolFile::tell_recovery(SpoolUsage& usage) {
  const auto what = fmt::format("well after {}", usage.warning);
  if (auto done = note_warning(0, usage); !done) return done;
  return insert(own_report(Status::ok, "the spool has room again, and what waited is passed on", what),
                usage);
}

template <typename F>
auto SpoolFile::mended(F attempt) -> decltype(attempt()) {
  const auto once = [&]() -> decltype(attempt()) {
    if (!db_)
      if (auto opened = open_database(); !opened) return opened.error();
    return attempt();
  };
  auto result = once();
  if (result || result.error().code != ErrorCode::corrupt) return result;
  if (auto anew = set_aside(result.error()); !anew) return anew.error();
  return once();
}

Result<> SpoolFile::append(std::span<const SpoolEntry> entries) {
  if (entries.empty()) return {};
  auto appended = mended([&] { return append_once(entries); });
  if (!appended && appended.error().code == ErrorCode::full && is_at_its_limit(entries))
    return Error{ErrorCode::full,
                 fmt::format("the spool has come to the {} bytes that its file may have",
                             options_.disk_limit),
                 options_.path};
  return appended;
}

/// True where it is the file's own limit that leaves no room for ENTRIES, and not the disk's end.
bool SpoolFile::is_at_its_limit(std::span<const SpoolEntry> entries) {
  const auto used = db_ ? db_->integer("SELECT page_count - freelist_count FROM "
                                       "pragma_page_count, pragma_freelist_count")
                        : Result<std::int64_t>(0);
  if (!used) return false;
  std::size_t wanted = static_cast<std::size_t>(*used) + index_pages;
  for (const auto& entry : entries) wanted += size_of(entry) / page_size + 1;
  return wanted > options_.disk_limit / page_size;
}

Result<> SpoolFile::append_once(std::span<const SpoolEntry> entries) {
  auto transaction = Transaction::begin(*db_);
  if (!transaction) return transaction.error();
  SpoolUsage usage = usage_;
  for (const auto& entry : entries) {
    auto wanted = apply_mark(entry, usage);
    if (!wanted) return wanted.error();
    if (!*wanted) continue;
    if (auto done = insert(entry, usage); !done) return done;
  }
  if (auto done = make_room(usage); !done) return done;
  if (auto done = transaction->commit(); !done) return done;
  usage_ = std::move(usage);
  return {};
}

Result<> SpoolFile::insert(const SpoolEntry& entry, SpoolUsage& usage) {
  const auto size = size_of(entry);
  auto insertion = db_->prepare(
      "INSERT INTO entry(success, uid, arrival, size, fault, body) VALUES (?, ?, ?, ?, ?, ?)");
  if (!insertion) return insertion.error();
  auto added = insertion->run(entry.success ? 1 : 0, entry.uid, entry.arrival, size,
                        std::string_view(entry.fault), bytes_of(entry.body));
  if (!added) return added;
  highest_key_ = std::max(highest_key_, db_->last_rowid());
  ++usage.entries;
  usage.add(size, entry.uid);
  return {};
}

/// False where the entry is not wanted: the run did not vanish after all.
Result<bool> SpoolFile::apply_mark(const SpoolEntry& entry, SpoolUsage& usage) {
  if (entry.mark == RunMark::none) return true;
  const std::int64_t uid = entry.uid ? *entry.uid : no_uid;
  const std::string_view run = entry.run;
  if (entry.mark == RunMark::opens) {
    auto open = db_->prepare("INSERT OR IGNORE INTO open_run(run, uid, start) VALUES (?, ?, ?)");
    if (!open) return open.error();
    if (auto done = open->run(run, uid, bytes_of(entry.opening)); !done) return done.error();
    if (db_->changes() > 0) usage.add(size_of_opening(entry.opening.size()), entry.uid);
    return true;
  }
  auto close = db_->prepare("DELETE FROM open_run WHERE run = ? AND uid = ? RETURNING length(start)");
  if (!close) return close.error();
  close->with(run, uid);
  bool was_open = false;
  for (;;) {
    auto row = close->step();
    if (!row) return row.error();
    if (!*row) return entry.mark == RunMark::closes || was_open;
    was_open = true;
    usage.subtract(size_of_opening(static_cast<std::size_t>(close->integer(0))), entry.uid);
  }
}

/// Past the limit the oldest successes go first, then the oldest others; they are counted.
Result<> SpoolFile::make_room(SpoolUsage& usage) {
  std::int64_t successes = 0;
  std::int64_t others = 0;
  Micros since = 0;
  Micros until = 0;
  while (usage.bytes > options_.limit) {
    bool gone = false;
    for (const bool success : {true, false}) {
      auto drop = db_->prepare(
          success ? "DELETE FROM entry WHERE key = (SELECT min(key) FROM entry WHERE success = 1) "
                    "RETURNING size, uid, arrival"
                  : "DELETE FROM entry WHERE key = (SELECT min(key) FROM entry) "
                    "RETURNING size, uid, arrival");
      if (!drop) return drop.error();
      auto row = drop->step();
      if (!row) return row.error();
      if (!*row) continue;
      gone = true;
      ++(success ? successes : others);
      const Micros arrival = drop->integer(2);
      since = since == 0 ? arrival : std::min(since, arrival);
      until = std::max(until, arrival);
      usage.subtract(static_cast<std::size_t>(drop->integer(0)), uid_at(*drop, 1));
      --usage.entries;
      // Only the end of the statement makes its change whole.
      if (auto end = drop->step(); !end) return end.error();
      break;
    }
    if (!gone) break;
  }
  if (successes + others == 0) return {};
  usage.lost += successes + others;
  auto note = db_->prepare(
      "UPDATE spool SET lost_successes = lost_successes + ?1, lost_others = lost_others + ?2, "
      "lost_since = coalesce(min(lost_since, ?3), ?3), "
      "lost_until = coalesce(max(lost_until, ?4), ?4)");
  if (!note) return note.error();
  return note->run(successes, others, since, until);
}

Result<std::vector<Entry>> SpoolFile::take(std::int64_t after, std::size_t max,
                                           std::size_t max_bytes) {
  return mended([&] { return take_once(after, max, max_bytes); });
}

Result<std::vector<Entry>> SpoolFile::take_once(std::int64_t after, std::size_t max,
                                                std::size_t max_bytes) {
  auto select = db_->prepare(
      "SELECT key, arrival, fault, body FROM entry WHERE key > ? ORDER BY key LIMIT ?");
  if (!select) return select.error();
  select->with(after, max);
  std::vector<Entry> taken;
  std::size_t bytes = 0;
  for (;;) {
    auto row = select->step();
    if (!row) return row.error();
    if (!*row) return taken;
    const auto body = select->blob(3);
    if (!taken.empty() && bytes + body.size() > max_bytes) return taken;
    bytes += body.size();
    taken.push_back({{static_cast<std::uint64_t>(select->integer(0)), 0},
                     text_of(body),
                     select->integer(1),
                     std::string(select->text(2)),
                     true});
  }
}

Result<> SpoolFile::release(std::span<const std::int64_t> keys) {
  if (keys.empty()) return {};
  return mended([&]() -> Result<> {
    // Not synced: a release that a crash undoes only means that the entries come again.
    if (auto set = db_->exec("PRAGMA synchronous=NORMAL"); !set) return set;
    auto released = release_once(keys);
    if (auto set = db_->exec("PRAGMA synchronous=FULL"); !set) return set;
    return released;
  });
}

Result<> SpoolFile::release_once(std::span<const std::int64_t> keys) {
  auto transaction = Transaction::begin(*db_);
  if (!transaction) return transaction.error();
  SpoolUsage usage = usage_;
  auto remove = db_->prepare("DELETE FROM entry WHERE key BETWEEN ? AND ? RETURNING size, uid");
  if (!remove) return remove.error();
  for (std::size_t first = 0; first < keys.size();) {
    std::size_t last = first;
    while (last + 1 < keys.size() && keys[last + 1] == keys[last] + 1) ++last;
    remove->with(keys[first], keys[last]);
    for (;;) {
      auto row = remove->step();
      if (!row) return row.error();
      if (!*row) break;
      usage.subtract(static_cast<std::size_t>(remove->integer(0)), uid_at(*remove, 1));
      --usage.entries;
    }
    first = last + 1;
  }
  remove->reset();
  if (usage.lost > 0 && usage.bytes <= options_.limit / 4 * 3)
    if (auto told = tell_losses(usage); !told) return told;
  if (usage.warning > 0 && keys.back() >= usage.warning && usage.bytes <= options_.limit / 4)
    if (auto told = tell_recovery(usage); !told) return told;
  if (auto done = transaction->commit(); !done) return done;
  usage_ = std::move(usage);
  return {};
}

/// There is room again: say what went.
Result<> SpoolFile::tell_losses(SpoolUsage& usage) {
  auto read = db_->prepare("SELECT lost_successes, lost_others, lost_since, lost_until FROM spool");
  if (!read) return read.error();
  if (auto row = read->step(); !row) return row.error();
  const auto successes = read->integer(0);
  const auto others = read->integer(1);
  const auto since = read->integer(2);
  const auto until = read->integer(3);
  read->reset();
  auto cleared = db_->exec(
      "UPDATE spool SET lost_successes = 0, lost_others = 0, lost_since = NULL, lost_until = NULL");
  if (!cleared) return cleared;
  usage.lost = 0;
  return warn(fmt::format("{} reports were lost ({} of them not of successes): there was no room for "
                          "more than {} bytes in the spool",
                          successes + others, others, options_.limit),
              fmt::format("lost {} {} {} {}", successes, others, since, until), usage);
}

Result<std::vector<OpenRun>> SpoolFile::open_runs() {
  if (!db_) return std::vector<OpenRun>{};
  auto select = db_->prepare("SELECT run, uid, start FROM open_run");
  if (!select) return select.error();
  std::vector<OpenRun> runs;
  for (;;) {
    auto row = select->step();
    if (!row) return row.error();
    if (!*row) return runs;
    OpenRun run{std::string(select->text(0)), std::nullopt, text_of(select->blob(2))};
    if (const auto uid = select->integer(1); uid != no_uid)
      run.uid = static_cast<std::uint32_t>(uid);
    runs.push_back(std::move(run));
  }
}

}  // namespace sheepdog
