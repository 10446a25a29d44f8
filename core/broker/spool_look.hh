// spool_look.hh -- what a spool holds, seen beside the daemon that owns it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hh"
#include "base/result.hh"

namespace sheepdog {

struct SpoolLook {
  std::int64_t entries = 0;
  std::int64_t bytes = 0;
  std::int64_t lost = 0;         ///< went for want of room and is not reported yet
  std::optional<Micros> oldest;  ///< arrival of the first entry
};

/// Reads the spool at PATH and changes nothing. Errors: not_found, denied, corrupt.
Result<SpoolLook> look_at_spool(const std::string& path);

}  // namespace sheepdog
