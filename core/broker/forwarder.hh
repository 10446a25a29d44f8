// forwarder.hh -- moves what waits in the spool to Redis, in order.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "broker/redis_connection.hh"
#include "broker/source.hh"
#include "broker/stream_format.hh"

namespace sheepdog {

struct ForwarderOptions {
  std::string stream{report_stream};
  std::size_t batch = 1000;                        ///< entries, at most
  Micros shortest_pause = 200'000;                 ///< after a refusal
  Micros longest_pause = 5 * micros_per_second;
  Micros reply_timeout = 30 * micros_per_second;
};

/// An entry is acknowledged to its source only once Redis has acknowledged it. A broker that is
/// away, slow or full is waited for; nothing is dropped or overtaken here. Where an acknowledgement
/// is lost with the connection an entry is sent twice, with the same id.
class Forwarder {
 public:
  /// Begins at once. FROM and RANDOM must outlive it.
  Forwarder(Loop& loop, Random& random, Source& from, const BrokerAddress& to,
            ForwarderOptions options = {});

  /// Why the last try failed; empty since one succeeded.
  const std::string& trouble() const { return trouble_; }

 private:
  void take();
  void send();
  void send_entries();
  void sent(const Result<const redisReply*>& reply);
  void again(const Error& why);

  Source& from_;
  ForwarderOptions options_;
  Random& random_;
  Source::Batch batch_;
  bool sending_ = false;
  int refusals_ = 0;  ///< in a row
  std::string trouble_;
  RedisConnection redis_;
  Timer pause_;
  Lifeline lifeline_;
};

}  // namespace sheepdog
