// reader.cc -- questions to the store.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/reader.hh"

#include <fmt/format.h>

#include "base/duration.hh"
#include "base/thread.hh"
#include "sqlite/functions.hh"
#include "sqlite/statement.hh"
#include "store/kept_rows.hh"
#include "store/schema.hh"

namespace sheepdog {

using std::chrono::microseconds;
using std::chrono::steady_clock;

namespace {

/// For which rows are collected before they are given.
constexpr auto longest_read = std::chrono::milliseconds(5);

}  // namespace

struct Cursor::Reading {
  Reader& reader;
  std::optional<Statement> statement;  ///< none: all that is left is in memory
  std::vector<ValueView> row;
  bool at_work = false;  ///< the statement is between its first row and its last
  KeptRows kept = {};
  std::optional<Error> fault = {};  ///< after what is kept
};

Cursor::Cursor(Cursor&& other) noexcept = default;

Cursor::Cursor(std::unique_ptr<Reading> reading) : reading_(std::move(reading)) {}

Cursor::~Cursor() {
  if (reading_) reading_->reader.close(*reading_);
}

Result<bool> Cursor::read(std::size_t limit, const std::function<void(RowView)>& each) {
  return reading_->reader.read(*reading_, limit, each);
}

int Cursor::columns() const { return static_cast<int>(reading_->row.size()); }

Result<std::unique_ptr<Reader>> Reader::open(const std::string& path, SnapshotLimits limits,
                                             int cache_kibibytes) {
  // No memory map: it is a sixth quicker where a whole table is read, and no quicker elsewhere, but a
  // disk that fails would end the process, and not just the question.
  auto db = Db::open_read_only(path, {.cache_kibibytes = cache_kibibytes});
  if (!db) return db.error();
  auto checked = check_schema(*db);
  if (!checked) return checked.error();
  auto defined = define_question_functions(*db);
  if (!defined) return defined.error();
  return std::unique_ptr<Reader>(new Reader(*std::move(db), limits));
}

Reader::Reader(Db db, SnapshotLimits limits)
    : db_(std::move(db)), limits_(limits) {
  db_.set_watch([this] { return may_go_on(); });
}

Reader::~Reader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  if (keeper_.joinable()) keeper_.join();
}

bool Reader::is_late() const {
  return (before_deadline_ && !before_deadline_()) || (stop_asked_ != nullptr && stop_asked_->load());
}

bool Reader::may_go_on() const {
  return !is_late() && (!keep_until_ || steady_clock::now() < *keep_until_);
}

Result<Cursor> Reader::select(std::string_view sql, std::span<const Value> parameters) {
  const std::lock_guard lock(mutex_);
  auto statement = db_.prepare(sql);
  if (!statement) return statement.error();
  if (statement->parameters() != static_cast<int>(parameters.size()))
    return Error{ErrorCode::invalid,
                 fmt::format("{} parameters for {} places", parameters.size(),
                             statement->parameters()),
                 std::string(sql)};
  for (std::size_t i = 0; i < parameters.size(); ++i)
    statement->bind(static_cast<int>(i) + 1, parameters[i]);
  const auto columns = static_cast<std::size_t>(statement->columns());
  std::unique_ptr<Cursor::Reading> reading(new Cursor::Reading{
      *this, std::optional(*std::move(statement)), std::vector<ValueView>(columns)});
  readings_.push_back(reading.get());
  return Cursor(std::move(reading));
}

void Reader::close(Cursor::Reading& reading) {
  const std::lock_guard lock(mutex_);
  end_work(reading);
  std::erase(readings_, &reading);
}

Result<bool> Reader::read(Cursor::Reading& reading, std::size_t limit,
                          const std::function<void(RowView)>& each) {
  const std::lock_guard lock(mutex_);
  retire_if_due();
  if (reading.statement && !reading.at_work) {
    auto begun = begin_work(reading);
    if (!begun) return begun.error();
  }
  const Time patience = steady_clock::now() + longest_read;
  Result<bool> more = true;
  for (std::size_t n = 0; n < limit; ++n) {
    // The clock is not asked for each row, which would be felt.
    if ((n < 8 || n % 8 == 0) && n > 0 && steady_clock::now() >= patience) break;
    more = step(reading);
    // An error after some rows is given next time.
    if (!more && n > 0) more = true;
    else if (more && *more) {
      each(reading.row);
      continue;
    }
    break;
  }
  watch_snapshot();
  return more;
}

Result<> Reader::begin_work(Cursor::Reading& reading) {
  // Here where it was retired meanwhile.
  if (holds_ > 0) {
    auto begun = begin_transaction();
    if (!begun) return begun;
  }
  if (!has_snapshot()) since_ = steady_clock::now();
  reading.at_work = true;
  ++at_work_;
  return {};
}

void Reader::end_work(Cursor::Reading& reading) {
  if (reading.at_work) --at_work_;
  reading.at_work = false;
  reading.statement.reset();
}

/// Sets the row of READING to its next one.
Result<bool> Reader::step(Cursor::Reading& reading) {
  if (!reading.statement) {
    if (reading.kept.pop(reading.row)) return true;
    if (reading.fault) return *reading.fault;
    return false;
  }
  auto more = reading.statement->step();
  if (!more) reading.fault = more.error();
  if (!more || !*more) {
    end_work(reading);
    return more;
  }
  for (std::size_t i = 0; i < reading.row.size(); ++i)
    reading.row[i] = reading.statement->view(static_cast<int>(i));
  return true;
}

Result<> Reader::begin_transaction() {
  if (transaction_) return {};
  const auto now = steady_clock::now();
  auto transaction = Transaction::begin_reading(db_);
  if (!transaction) return transaction.error();
  // SQLite takes the snapshot at the first read.
  auto read = db_.integer("SELECT count(*) FROM meta");
  if (!read) return read.error();
  if (!has_snapshot()) since_ = now;
  transaction_.emplace(*std::move(transaction));
  return {};
}

Result<> Reader::hold() {
  const std::lock_guard lock(mutex_);
  retire_if_due();
  auto begun = begin_transaction();
  if (!begun) return begun;
  ++holds_;
  watch_snapshot();
  return {};
}

void Reader::release() {
  const std::lock_guard lock(mutex_);
  if (holds_ == 0 || --holds_ > 0 || !transaction_) return;
  // Cursors that are at work keep what they see; to roll back could end them.
  [[maybe_unused]] const auto ended = transaction_->commit();
  transaction_.reset();
}

void Reader::retire_if_due() {
  if (!has_snapshot() || steady_clock::now() < retirement()) return;
  keep_until_ = steady_clock::now() + limits_.keeping;
  // Those that were opened last are the inner ones of a search, and the smallest.
  for (auto it = readings_.rbegin(); it != readings_.rend(); ++it)
    if ((*it)->at_work) keep_rows(**it);
  keep_until_.reset();
  if (transaction_) [[maybe_unused]] const auto ended = transaction_->commit();
  transaction_.reset();
}

void Reader::keep_rows(Cursor::Reading& reading) {
  std::size_t others = 0;
  for (const auto* other : readings_) others += other == &reading ? 0 : other->kept.bytes();
  bool too_many = false;
  Result<bool> more = true;
  while (!too_many && (more = step(reading)) && *more) {
    reading.kept.push(reading.row);
    too_many = others + reading.kept.bytes() > limits_.memory;
  }
  const bool too_slow = !more && more.error().code == ErrorCode::timeout && !is_late();
  if (!too_many && !too_slow) return;
  end_work(reading);
  reading.kept = {};
  reading.fault = Error{
      ErrorCode::full,
      fmt::format("the rows of this question were not all read within {}, and those that are left "
                  "are too many to be kept in memory: ask for less at a time, or take the answers "
                  "faster",
                  format_duration(std::chrono::duration_cast<microseconds>(limits_.age + limits_.keeping).count())),
      db_.path()};
}

/// Makes sure that somebody lets go of the snapshot, where there is one, in time.
void Reader::watch_snapshot() {
  if (!has_snapshot()) return;
  if (keeper_sleeps_) wake_.notify_one();
  if (keeper_.joinable()) return;
  // Where no thread can be started, the next who reads is the one who lets go.
  if (auto started = start_thread([this] { keep_watch(); })) keeper_ = *std::move(started);
}

void Reader::keep_watch() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    if (!has_snapshot()) {
      keeper_sleeps_ = true;
      wake_.wait(lock);
      keeper_sleeps_ = false;
    } else if (const Time due = retirement(); steady_clock::now() < due) {
      wake_.wait_until(lock, due);
    } else {
      retire_if_due();
    }
  }
}

void Reader::set_limits(SnapshotLimits limits) {
  const std::lock_guard lock(mutex_);
  limits_ = limits;
  wake_.notify_one();
}

void Reader::set_deadline(const Clock& clock, Micros deadline) {
  const std::lock_guard lock(mutex_);
  before_deadline_ = [&clock, deadline] { return clock.monotonic() < deadline; };
}

void Reader::clear_deadline() {
  const std::lock_guard lock(mutex_);
  before_deadline_ = {};
}

void Reader::set_stop(const std::atomic<bool>& stop) {
  const std::lock_guard lock(mutex_);
  stop_asked_ = &stop;
}

Result<std::string> Reader::uuid() {
  const std::lock_guard lock(mutex_);
  return store_uuid(db_);
}

}  // namespace sheepdog
