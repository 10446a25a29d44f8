// stream_groups.hh -- the consumer groups of the stream, and from where on each still needs it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hh"
#include "broker/redis_connection.hh"
#include "broker/stream_format.hh"

namespace sheepdog {

struct StreamGroup {
  std::string name;
  std::int64_t pending = 0;       ///< delivered and not acknowledged
  bool behind = false;            ///< something was not delivered to it yet
  Micros needed_since = 0;        ///< time of the last entry below which it needs none
  std::optional<Micros> idle = {};  ///< since one of its consumers asked for something; none: it has none
};

/// Asks REDIS, which must be up and outlive the answer, for the groups of STREAM; none where there is
/// no stream.
void look_at_groups(RedisConnection& redis, std::string stream,
                    std::function<void(Result<std::vector<StreamGroup>>)> answer);

}  // namespace sheepdog
