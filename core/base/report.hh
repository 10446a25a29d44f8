// report.hh -- the report: the one message that reporters send (wire format, version 1).
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hh"
#include "base/json.hh"
#include "base/result.hh"
#include "base/uuid.hh"

namespace sheepdog {

/// The numbers are those of the monitoring plugins, with missing behind them.
enum class Status : std::uint8_t { ok = 0, warning = 1, critical = 2, unknown = 3, missing = 4 };

std::string_view to_string(Status status);

/// From a name. Error: invalid.
Result<Status> parse_status(std::string_view name);

constexpr int report_version = 1;
constexpr std::size_t report_size_limit = std::size_t{1} << 20;  ///< bytes of JSON, as it was sent
/// The same once a daemon has filled in and stamped id, time, host and uid.
constexpr std::size_t stamped_size_limit = report_size_limit + 1024;
constexpr std::size_t name_size_limit = 255;                     ///< bytes of a host or service
constexpr Micros skew_limit = 300 * micros_per_second;           ///< how far ahead a time may be

struct Report {
  Uuid id;
  Micros time = 0;  ///< when it happened, never more than skew_limit after arrival
  Micros skew = 0;  ///< how far ahead the sender's clock was, where that was too far; else 0
  std::string host;  ///< empty on its way to this machine's daemon, which knows its name
  std::string service;
  std::string plugin = "message";
  Status status = Status::unknown;
  std::string summary;  ///< one line
  std::string data;     ///< a JSON object as text; empty where it has no members
  /// The user who sent it through a socket or spool, where that user has no say over all services.
  /// Stamped by the daemon; whoever holds the broker's password is believed.
  std::optional<std::uint32_t> uid;
  bool imported = false;  ///< history from elsewhere: kept, never judged
};

/// Read one report. DERIVE_FROM names it where it carries no id (stream and entry id, or the line
/// itself); ARRIVAL is its time where it carries none; it may have LIMIT bytes. Error: invalid or
/// unsupported (a higher version) or full (too long), with a reason for the dead letters.
Result<Report> parse_report(std::string_view text, std::string_view derive_from, Micros arrival,
                            std::size_t limit = report_size_limit);

/// The data of REPORT to look into; an empty object where it has none.
Json data_of(const Report& report);

/// TEXT with spaces in place of its control characters.
void make_one_line(std::string& text);

/// The same report as JSON on one line, as it travels.
std::string to_wire(const Report& report);

/// Why NAME cannot be the name of a host or a service, or nullopt where it can: 1 to 255 bytes of
/// UTF-8 without control characters.
std::optional<std::string> name_fault(std::string_view name);

}  // namespace sheepdog
