// generate_herd.cc -- a store as a daemon would have made it from the reports of a made-up herd.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// generate_herd STORE REPORTS: makes STORE with REPORTS reports (a multiple of 1000) of 1000 hosts in 90
// days up to a present that never changes; leaves it alone where it is there already. The same number
// gives the same rows. The present, in seconds since the epoch, is also in meta, herd.present.
#include <fmt/format.h>

#include <charconv>
#include <filesystem>

#include "base/clock.hh"
#include "herd.hh"
#include "sqlite/checkpoint.hh"
#include "sqlite/statement.hh"
#include "store/writer.hh"

namespace {

using namespace sheepdog;
using namespace sheepdog::bench;

constexpr int version = 1;  ///< of the made-up herd: another one makes the stores anew

[[noreturn]] void fail(const Error& error) {
  fmt::print(stderr, "generate_herd: {}\n", error.text());
  std::exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (!result) fail(result.error());
  return *std::move(result);
}

void must(const Result<>& result) {
  if (!result) fail(result.error());
}

/// The store's uuid is the same each time too.
class Even final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (auto& byte : bytes) byte = 7;
  }
};

void remove(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
}

/// All tables and indexes as they were declared.
std::string declared(Db& db) {
  std::string all;
  auto select = must(db.prepare(
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY 1"));
  while (must(select.step())) all += select.text(0);
  return all;
}

/// True where PATH was made to its end, by this version, with the tables and indexes of today.
bool is_there(const std::string& path) {
  if (!std::filesystem::exists(path)) return false;
  Even random;
  const std::string empty = path + ".empty";
  remove(empty);
  auto model = must(Writer::open(empty, random));
  // Today's writer may not know what an older one made.
  auto made = must(Db::open_read_only(path));
  auto of = made.integer("SELECT value FROM meta WHERE name = 'herd.version'");
  const bool same = of && *of == version && declared(model->db()) == declared(made);
  model.reset();
  remove(empty);
  return same;
}

void fill(Writer& writer, std::int64_t reports) {
  const int rounds = static_cast<int>(reports / host_count);
  Herd herd(rounds);
  Batch batch;
  for (int round = 0; round < rounds; ++round) {
    herd.report(round, batch);
    if (batch.received.size() < 100'000 && round + 1 < rounds) continue;
    const auto arrival = batch.received.back().report.time;
    const auto committed = must(writer.commit(batch, arrival));
    if (committed.accepted != batch.received.size())
      fail({ErrorCode::invalid, "a report was not accepted", "commit"});
    batch.received.clear();
  }
}

/// What hourly upkeep and judgement leave behind.
void finish(Db& db) {
  must(db.exec("UPDATE state SET judged = 1 WHERE judged = 0"));
  must(db.exec("PRAGMA analysis_limit=1000; ANALYZE"));
  auto insert =
      must(db.prepare("INSERT INTO meta VALUES('herd.present', ?), ('herd.version', ?)"));
  must(insert.run(present / micros_per_second, version));
}

}  // namespace

int main(int argc, char** argv) {
  std::int64_t reports = 0;
  const std::string_view count = argc == 3 ? argv[2] : "";
  std::from_chars(count.data(), count.data() + count.size(), reports);
  if (reports < 10 * host_count || reports % host_count != 0) {
    fmt::print(stderr, "usage: generate_herd STORE REPORTS (a multiple of 1000, at least 10000)\n");
    return 2;
  }
  const std::string path = argv[1];
  if (is_there(path)) return 0;
  const SystemClock clock;
  const auto begin = clock.monotonic();
  const std::string part = path + ".part";
  remove(path);
  remove(part);
  {
    Even random;
    auto writer = must(Writer::open(part, random));
    // If this is interrupted it begins anew, so nothing need be safe on the way.
    must(writer->db().exec("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-600000"));
    fill(*writer, reports);
    finish(writer->db());
    must(writer->db().exec("PRAGMA journal_mode=WAL"));
  }
  for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(part + suffix);
  std::filesystem::rename(part, path);
  const double seconds = static_cast<double>(clock.monotonic() - begin) / 1e6;
  fmt::print("  made {} with {} reports in {:.0f} s ({:.0f}/s)\n", path, reports, seconds,
             static_cast<double>(reports) / seconds);
}
