// spool.cc -- the loop's face of the spool.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/spool.hh"

namespace sheepdog {

namespace {

constexpr std::size_t group_limit = std::size_t{8} << 20;  ///< bytes of one transaction

std::size_t bytes_in(const std::vector<SpoolEntry>& entries) {
  std::size_t bytes = 0;
  for (const auto& entry : entries) bytes += entry.body.size();
  return bytes;
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::open(Loop& loop, const Clock& clock, SpoolOptions options) {
  const auto limit = options.limit;
  auto file = SpoolFile::open(clock, std::move(options));
  if (!file) return file.error();
  auto worker = Worker::start(loop);
  if (!worker) return worker.error();
  return std::unique_ptr<Spool>(new Spool(*std::move(worker), *std::move(file), limit));
}

Spool::Spool(std::unique_ptr<Worker> worker, SpoolFile file, std::size_t limit)
    : file_(std::move(file)),
      limit_(limit),
      usage_(file_.usage()),
      id_(file_.id()),
      worker_(std::move(worker)) {}

/// WORK runs on the worker's thread; ANSWER gets its result on the loop.
template <typename Work, typename Answer>
void Spool::submit(Work work, Answer answer) {
  worker_->submit([this, work = std::move(work),
                  answer = lifeline_.tie(std::move(answer))]() mutable -> std::function<void()> {
    auto result = work(file_);
    return [this, result = std::move(result), usage = file_.usage(), id = file_.id(),
            answer = std::move(answer)]() mutable {
      usage_ = std::move(usage);
      id_ = std::move(id);
      answer(std::move(result));
    };
  });
}

void Spool::append(std::vector<SpoolEntry> entries, Done done) {
  for (const auto& entry : entries)
    if (entry.uid) arriving_[*entry.uid] += held_size(entry);
  waiting_.push_back({std::move(entries), std::move(done)});
  if (!appending_) append_waiting();
}

/// One transaction for all that waits: the sync costs the same for one report and for a thousand.
void Spool::append_waiting() {
  std::vector<Append> group;
  std::size_t bytes = 0;
  while (!waiting_.empty()) {
    const auto more = bytes_in(waiting_.front().entries);
    if (!group.empty() && bytes + more > group_limit) break;
    bytes += more;
    group.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  if (group.empty()) return;
  appending_ = true;
  auto shared = std::make_shared<std::vector<Append>>(std::move(group));
  submit(
      [shared](SpoolFile& file) {
        std::vector<SpoolEntry> entries;
        for (auto& append : *shared)
          entries.insert(entries.end(), append.entries.begin(), append.entries.end());
        return file.append(entries);
      },
      [this, shared](Result<> result) { appended(*shared, result); });
}

void Spool::appended(const std::vector<Append>& group, const Result<>& result) {
  appending_ = false;
  bool any = false;
  for (const auto& append : group)
    for (const auto& entry : append.entries) {
      any = true;
      if (!entry.uid) continue;
      const auto arriving = arriving_.find(*entry.uid);
      arriving->second -= held_size(entry);
      if (arriving->second == 0) arriving_.erase(arriving);
    }
  append_waiting();
  const auto alive = lifeline_.watch();
  if (result && any && arrived_) {
    const auto call = arrived_;
    call();
  }
  for (const auto& append : group) {
    if (alive.expired()) return;
    if (append.done) append.done(result);
  }
}

void Spool::take(std::int64_t after, std::size_t max, std::size_t max_bytes,
                 std::function<void(Result<std::vector<Entry>>)> answer) {
  submit([=](SpoolFile& file) { return file.take(after, max, max_bytes); }, std::move(answer));
}

void Spool::release(std::vector<std::int64_t> keys, Done done) {
  submit([keys = std::move(keys)](SpoolFile& file) { return file.release(keys); },
         [this, done = std::move(done)](Result<> result) {
           const auto alive = lifeline_.watch();
           // Where reports were lost, a release may have put one about it into the spool.
           const auto call = result ? arrived_ : nullptr;
           if (done) done(std::move(result));
           if (!alive.expired() && call) call();
         });
}

void Spool::open_runs(std::function<void(Result<std::vector<OpenRun>>)> answer) {
  submit([](SpoolFile& file) { return file.open_runs(); }, std::move(answer));
}

std::size_t Spool::held_by(std::uint32_t uid) const {
  const auto of = [uid](const std::map<std::uint32_t, std::size_t>& bytes) {
    const auto found = bytes.find(uid);
    return found == bytes.end() ? std::size_t{0} : found->second;
  };
  return of(usage_.held) + of(arriving_);
}

}  // namespace sheepdog
