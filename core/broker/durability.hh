// durability.hh -- whether Redis keeps what it acknowledged, in plain words.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "broker/redis_connection.hh"

namespace sheepdog {

/// Asks REDIS, which must be up and outlive the answer, how it is set up. FAULTS says what would
/// lose reports and what to do about it, one sentence each; none where all is well.
void check_durability(RedisConnection& redis,
                      std::function<void(Result<std::vector<std::string>> faults)> answer);

}  // namespace sheepdog
