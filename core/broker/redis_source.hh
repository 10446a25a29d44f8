// redis_source.hh -- the stream of reports, read as one consumer group.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The group is named after the store, begins at the oldest entry and has one consumer; so what a
// crash left delivered but not acknowledged is its own, and is read again first. One connection
// reads, since a waiting read holds up what is behind it; another acknowledges. Where Redis syncs
// each command, few large commands are what is fast: reads are larger than the batches asked for
// and run ahead of them, and acknowledgements that wait become one.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "broker/redis_connection.hh"
#include "broker/source.hh"
#include "broker/stream_format.hh"

namespace sheepdog {

struct RedisSourceOptions {
  std::string group;                            ///< the store's id
  std::string stream{report_stream};
  std::size_t reply_size = std::size_t{8} << 20;  ///< bytes that one read aims not to pass
  Micros wait = 5 * micros_per_second;          ///< of one read where there is nothing
  Micros retry = 500'000;                       ///< after a refusal that passes
  Micros trim_period = 60 * micros_per_second;  ///< 0: never
};

class RedisSource final : public Source {
 public:
  RedisSource(Loop& loop, Random& random, const BrokerAddress& address,
              RedisSourceOptions options);

  void next(std::size_t max, std::function<void(Result<Batch>)> answer) override;
  void acknowledge(std::vector<EntryKey> keys, std::function<void(Result<>)> done) override;
  void rewind() override;
  bool was_drained() override { return std::exchange(drained_, false); }
  std::string name() const override { return "stream " + options_.stream; }

  /// Deletes from the stream what every group has acknowledged. Also done from time to time.
  void trim();

 private:
  struct Acknowledgement {
    std::vector<EntryKey> keys;
    std::function<void(Result<>)> done;
  };
  struct Trimming;
  void read();
  void make_group();
  void came(const Result<const redisReply*>& reply);
  void failed(const Error& error);
  void answer();
  void adapt(std::size_t entries, std::size_t bytes);
  void send_acknowledgements();
  void trim_group(std::shared_ptr<Trimming> trimming);
  void trim_below(const std::string& key);

  Loop& loop_;
  RedisSourceOptions options_;
  std::size_t count_ = 64;
  std::size_t asked_ = 0;     ///< entries that the present read asked for
  std::size_t max_ = 0;
  EntryKey last_;             ///< what was read last
  bool history_ = true;       ///< first what was delivered before and not acknowledged
  bool grouped_ = false;
  bool reading_ = false;
  bool drained_ = false;       ///< a read that waited found nothing
  bool discard_ = false;       ///< what the present read brings: it began before a rewind
  bool acknowledged_ = false;  ///< since the last trim
  bool acknowledging_ = false;
  std::deque<Entry> ready_;    ///< read and not handed out
  std::size_t ready_bytes_ = 0;
  std::function<void(Result<Batch>)> waiting_;
  std::vector<Acknowledgement> acknowledgements_;  ///< not sent
  RedisConnection reader_;
  RedisConnection writer_;
  Timer retry_;
  Timer resend_;
  Timer trimmer_;
  Lifeline lifeline_;
};

}  // namespace sheepdog
