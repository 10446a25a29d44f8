// local_source.cc -- reading the spool in order.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/local_source.hh"

#include <algorithm>

namespace sheepdog {

namespace {
constexpr std::size_t batch_bytes = std::size_t{8} << 20;
}

LocalSource::LocalSource(Spool& spool) : spool_(spool) {
  spool_.on_arrival([this] {
    arrived_ = true;
    if (waiting_ && !taking_) take();
  });
}

LocalSource::~LocalSource() { spool_.on_arrival(nullptr); }

void LocalSource::next(std::size_t max, std::function<void(Result<Batch>)> answer) {
  max_ = max;
  waiting_ = std::move(answer);
  if (!taking_) take();
}

void LocalSource::take() {
  taking_ = true;
  arrived_ = false;
  spool_.take(last_, max_, batch_bytes, lifeline_.tie([this](Result<std::vector<Entry>> taken) {
    taking_ = false;
    if (taken && taken->empty()) {
      drained_ = true;
      if (arrived_) take();
      return;
    }
    if (taken) last_ = static_cast<std::int64_t>(taken->back().key.major);
    const auto answer = std::exchange(waiting_, nullptr);
    answer(std::move(taken));
  }));
}

bool LocalSource::was_drained() {
  const bool now = waiting_ && !taking_;
  return std::exchange(drained_, false) || now;
}

void LocalSource::acknowledge(std::vector<EntryKey> keys, std::function<void(Result<>)> done) {
  for (const auto& key : keys) unreleased_.push_back(static_cast<std::int64_t>(key.major));
  std::sort(unreleased_.begin(), unreleased_.end());
  auto released = std::exchange(unreleased_, {});
  spool_.release(released, lifeline_.tie([this, released, done = std::move(done)](Result<> result) {
    // On a full disk nothing can be deleted either; the next call takes these along.
    if (!result) unreleased_.insert(unreleased_.end(), released.begin(), released.end());
    if (done) done(std::move(result));
  }));
}

}  // namespace sheepdog
