// address.hh -- where a broker is: host, host:port, redis:// and unix:// URLs.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hh"

namespace sheepdog {

struct BrokerAddress {
  std::string host;  ///< empty where path is set
  std::uint16_t port = 6379;
  std::string path;  ///< of a unix socket
  std::string user;
  std::string password;
  int database = 0;

  /// The address as a URL without the password, for people and logs.
  std::string text() const;
};

/// Reads HOST, HOST:PORT, [IPV6]:PORT, redis://[[USER]:PASSWORD@]HOST[:PORT][/DB] or
/// unix://[[USER]:PASSWORD@]/PATH[?db=DB]; what stands before @ is percent-decoded.
/// Errors: invalid; unsupported (rediss). They never quote TEXT, since it may hold a password.
Result<BrokerAddress> parse_broker_address(std::string_view text);

}  // namespace sheepdog
