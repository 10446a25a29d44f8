// address.cc -- reading and showing the address of a broker.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/address.hh"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace sheepdog {

namespace {

constexpr int last_database = 65535;

Error wrong(std::string message) {
  return {ErrorCode::invalid,
          "broker address: " + message + "; it looks like HOST[:PORT], redis://HOST[:PORT][/DB] or "
                                         "unix:///PATH",
          ""};
}

bool strip(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<int> number(std::string_view text, int least, int most) {
  int n = 0;
  const auto end = text.data() + text.size();
  const auto [at, failed] = std::from_chars(text.data(), end, n);
  if (failed != std::errc{} || at != end || n < least || n > most) return std::nullopt;
  return n;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    unsigned byte = 0;
    const auto end = text.data() + i + 3;
    const auto [at, failed] = std::from_chars(text.data() + i + 1, end, byte, 16);
    if (failed != std::errc{} || at != end) return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

/// Takes "[USER]:PASSWORD@" or "PASSWORD@" off TEXT; false where it cannot be decoded.
bool take_credentials(std::string_view& text, BrokerAddress& into) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos) return true;
  const auto credentials = text.substr(0, at);
  text.remove_prefix(at + 1);
  const auto colon = credentials.find(':');
  const bool named = colon != std::string_view::npos;
  auto user = percent_decoded(named ? credentials.substr(0, colon) : "");
  auto password = percent_decoded(named ? credentials.substr(colon + 1) : credentials);
  if (!user || !password) return false;
  into.user = *std::move(user);
  into.password = *std::move(password);
  return true;
}

Result<> take_host_and_port(std::string_view text, BrokerAddress& into) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return wrong("a [ without its ]");
    into.host = text.substr(1, close - 1);
    port = text.substr(close + 1);
    if (!port.empty() && !strip(port, ":")) return wrong("something else than :PORT after the ]");
    if (text.ends_with(':')) return wrong("no port after the colon");
  } else if (std::count(text.begin(), text.end(), ':') > 1) {
    into.host = text;  // an IPv6 address without brackets: no port can follow
  } else {
    const auto colon = text.find(':');
    into.host = text.substr(0, colon);
    if (colon != std::string_view::npos) {
      port = text.substr(colon + 1);
      if (port.empty()) return wrong("no port after the colon");
    }
  }
  if (into.host.empty()) return wrong("no host");
  for (const char c : into.host)
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f || c == '/' || c == '@')
      return wrong("a host with a character that no host has");
  if (port.empty()) return {};
  const auto n = number(port, 1, 65535);
  if (!n) return wrong("the port is not a number from 1 to 65535");
  into.port = static_cast<std::uint16_t>(*n);
  return {};
}

Result<> take_database(std::string_view text, BrokerAddress& into) {
  if (text.empty()) return {};
  const auto n = number(text, 0, last_database);
  if (!n) return wrong("the database is not a number");
  into.database = *n;
  return {};
}

Result<BrokerAddress> parse_unix(std::string_view text) {
  BrokerAddress address;
  // The path may hold an @, the credentials cannot hold a slash.
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return wrong("no absolute path after unix://");
  auto before = text.substr(0, slash);
  if (!before.empty() && (!before.ends_with('@') || !take_credentials(before, address)))
    return wrong("no absolute path after unix://");
  auto path = text.substr(slash);
  if (const auto query = path.find('?'); query != std::string_view::npos) {
    auto database = path.substr(query + 1);
    path = path.substr(0, query);
    if (!strip(database, "db=")) return wrong("something else than db= after the ?");
    if (const auto taken = take_database(database, address); !taken) return taken.error();
  }
  if (path.size() < 2 || path.find('\0') != std::string_view::npos) return wrong("no path");
  address.path = path;
  return address;
}

}  // namespace

Result<BrokerAddress> parse_broker_address(std::string_view text) {
  if (strip(text, "unix://")) return parse_unix(text);
  if (text.starts_with("rediss://"))
    return Error{ErrorCode::unsupported,
                 "broker address: rediss (Redis with TLS) is not supported; use redis:// through a "
                 "tunnel (stunnel, ssh, WireGuard)",
                 ""};
  BrokerAddress address;
  if (!strip(text, "redis://")) {
    if (text.find("://") != std::string_view::npos) return wrong("an unknown scheme");
    if (text.starts_with('/')) return parse_unix(text);
    if (const auto taken = take_host_and_port(text, address); !taken) return taken.error();
    return address;
  }
  // A password may hold a slash, a host may not: credentials first.
  if (!take_credentials(text, address)) return wrong("a % that is not %XX before the @");
  const auto slash = text.find('/');
  if (const auto taken = take_host_and_port(text.substr(0, slash), address); !taken)
    return taken.error();
  if (slash != std::string_view::npos)
    if (const auto taken = take_database(text.substr(slash + 1), address); !taken)
      return taken.error();
  return address;
}

std::string BrokerAddress::text() const {
  const std::string who = user.empty() ? "" : user + "@";
  if (!path.empty())
    return fmt::format("unix://{}{}{}", who, path,
                       database ? fmt::format("?db={}", database) : "");
  const bool brackets = host.find(':') != std::string::npos;
  return fmt::format("redis://{}{}{}{}:{}{}", who, brackets ? "[" : "", host, brackets ? "]" : "",
                     port, database ? fmt::format("/{}", database) : "");
}

}  // namespace sheepdog
