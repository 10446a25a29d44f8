// batch.hh -- what is committed together: reports with what their receivers made of them.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Plain data that owns itself, so that a batch can be filled on the loop's thread and committed on
// another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hh"
#include "base/report.hh"
#include "base/uuid.hh"

namespace sheepdog {

/// What a fact says. The type is kept: 1, 1.0 and "1" differ. Booleans are the integers 1 and 0.
using FactValue = std::variant<std::int64_t, double, std::string>;

/// The assertions that a receiver may return. Each is about the time of its report. HOST and
/// SERVICE are the report's own unless given.
namespace assertion {

struct Status {
  std::optional<std::string> host;
  std::optional<std::string> service;
  sheepdog::Status status = sheepdog::Status::unknown;
  std::string summary;
};

/// From now on KEY has VALUE.
struct Fact {
  std::optional<std::string> host;
  std::string key;
  FactValue value;
};

/// All the facts there are under PREFIX (every key that starts with it): others end now.
struct Facts {
  std::optional<std::string> host;
  std::string prefix;
  std::vector<std::pair<std::string, FactValue>> facts;  ///< whole keys, prefix included
};

/// From now on there is no KEY.
struct NoFact {
  std::optional<std::string> host;
  std::string key;
};

struct Sample {
  std::optional<std::string> host;
  std::string key;
  double value = 0;
};

/// Something that happened. "inform" asks that somebody be told of it, and is judged.
struct Event {
  std::optional<std::string> host;
  std::optional<std::string> service;
  std::string name;
  std::string data = "{}";  ///< a JSON object
};

enum class RunPhase : std::uint8_t { start, renew, end };
enum class Outcome : std::uint8_t { succeeded, failed, timed_out, vanished, cancelled, unknown };

/// One execution of a command, told in pieces that may come in any order. A piece that does not
/// know something leaves it empty.
struct Run {
  Uuid run;
  RunPhase phase = RunPhase::start;
  std::optional<Micros> started;
  std::optional<Micros> lease_until;  ///< start and renew: past this without an end it has vanished

  // Where and what: start or end.
  std::optional<std::string> argv;  ///< a JSON array of strings
  std::optional<std::string> user;
  std::optional<std::string> directory;
  std::optional<std::int64_t> attempt;  ///< counts from 1 where it is tried again

  // How it ended: end only.
  Outcome outcome = Outcome::unknown;
  std::optional<Micros> ended;
  std::optional<std::int64_t> exit;     ///< exit status of the command
  std::optional<std::int64_t> signal;   ///< that ended it
  std::optional<std::string> error;     ///< why it could not be started
  std::optional<Micros> user_cpu;       ///< microseconds
  std::optional<Micros> system_cpu;     ///< microseconds
  std::optional<std::int64_t> peak_memory;   ///< bytes
  std::optional<std::int64_t> output_bytes;  ///< written to stdout and stderr, kept or not
};

/// The next report of this service is due at DUE; GRACE later it is missing.
struct Expect {
  std::optional<std::string> host;
  std::optional<std::string> service;
  Micros due = 0;
  Micros grace = 0;
};

std::string_view to_string(Outcome outcome);

/// From "succeeded", "timed-out" and so on. Error: invalid.
Result<Outcome> parse_outcome(std::string_view name);

}  // namespace assertion

using Assertion = std::variant<assertion::Status, assertion::Fact, assertion::Facts,
                               assertion::NoFact, assertion::Sample, assertion::Event,
                               assertion::Run, assertion::Expect>;

struct Received {
  Report report;
  std::vector<Assertion> assertions;
  bool unknown_plugin = false;  ///< no plugin has this name: the message receiver read it
};

constexpr std::size_t dead_letter_body_limit = std::size_t{64} << 10;
constexpr std::size_t dead_letter_reason_limit = 1000;  ///< bytes; receivers' errors may be long

/// What could not become a report, or whose receiver failed. Never dropped, never in the way.
struct DeadLetter {
  Micros time = 0;  ///< arrival
  std::string reason;
  std::string body;        ///< its first dead_letter_body_limit bytes
  std::int64_t length = 0;  ///< bytes of the whole
  std::string sha256;      ///< of the whole, hexadecimal
  /// The report's, or derived from where it came from; so that what is delivered again is not
  /// kept twice. Without it each is a new one.
  std::optional<Uuid> id;
};

DeadLetter make_dead_letter(std::string_view body, std::string reason, Micros time,
                            std::optional<Uuid> id = std::nullopt);

struct Batch {
  std::vector<Received> received;
  std::vector<DeadLetter> dead_letters;
};

}  // namespace sheepdog
