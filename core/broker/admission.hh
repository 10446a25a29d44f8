// admission.hh -- what a local user hands in becomes an entry of the spool: judged and stamped.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hh"
#include "base/report.hh"
#include "base/result.hh"
#include "broker/spool_entry.hh"

namespace sheepdog {

/// A local user. Root and the daemon's own user are privileged: they may report for any host.
struct Sender {
  std::uint32_t uid = 0;
  bool privileged = false;
};

Sender sender_of(std::uint32_t uid);

struct Admission {
  SpoolEntry entry;
  Result<> verdict;  ///< the error that makes entry a dead letter
  Report report;     ///< as it was read, where the verdict is good
};

/// Reads LINE. What it leaves out (id, time, host) is filled in, the id from DERIVE_FROM; unless
/// SENDER is privileged, the host is HOST and the uid is stamped. What cannot be read, or names
/// another host or a plugin that is not for users (denied), becomes a dead letter, never nothing.
Admission admit(std::string_view line, const Sender& sender, const std::string& host,
                std::string_view derive_from, Micros arrival);

/// The dead letter for something of SENDER that cannot be read, and why; BYTES may be its
/// beginning.
Admission refuse(std::string_view bytes, Error why, const Sender& sender, Micros arrival);

}  // namespace sheepdog
