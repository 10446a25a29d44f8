// names.hh -- numbers for the names of hosts, services and keys.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Part of the writer: rows are made within its transaction and remembered; after a rollback all
// that is remembered is to be forgotten.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hh"
#include "base/report.hh"
#include "base/uuid.hh"
#include "sqlite/db.hh"

namespace sheepdog {

struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const {
    return std::hash<std::string_view>{}(name);
  }
};
template <typename T>
using ByName = std::unordered_map<std::string, T, NameHash, std::equal_to<>>;

/// Whom a service belongs to that REPORT makes: the user who sent it; nobody in particular where that
/// was root, or somebody with the broker's password.
inline std::optional<std::uint32_t> owner_of(const Report& report) {
  return report.uid && *report.uid != 0 ? report.uid : std::nullopt;
}

/// A report as it is stored.
struct StoredReport {
  std::int64_t id = 0;  ///< report_id
  Uuid uuid;
  Micros time = 0;
  bool imported = false;
};

/// The newest observation of a service's status, so that the next one needs no look-up.
struct Tail {
  Micros time = 0;
  Uuid report;
  Status status = Status::unknown;
  Micros since = 0;  ///< of the newest row of state
  bool live = false;  ///< known: what began then was observed by more than imported history
};

struct Service {
  std::int64_t id = 0;
  std::optional<std::uint32_t> owner;
  std::string plugin;
  bool tail_known = false;
  std::optional<Tail> tail;  ///< none: no status yet
};

struct Host {
  std::int64_t id = 0;
  Micros skew = 0;
  bool facts_known = false;      ///< the next two have been looked up
  Micros newest_fact = -1;       ///< time of the newest fact observation or set
  std::vector<std::pair<std::int64_t, std::string>> prefixes;  ///< of its sets: key_id and name
  ByName<Service> services;
};

class Names {
 public:
  explicit Names(Db& db) : db_(db) {}

  /// The host, made where it is new. Valid until forget() or trim().
  Result<Host*> host(std::string_view name);

  /// The service, made where it is new, with PLUGIN and OWNER.
  Result<Service*> service(Host& host, std::string_view name, std::string_view plugin,
                           std::optional<std::uint32_t> owner);

  /// The host where there is one, else null; makes nothing.
  Result<Host*> find_host(std::string_view name);

  /// The service where there is one, else null; makes nothing.
  Result<Service*> find_service(std::string_view host, std::string_view name);

  Result<std::int64_t> key(std::string_view name);

  Result<> set_skew(Host& host, Micros skew);
  Result<> set_plugin(Service& service, std::string_view plugin);

  void forget();
  /// Forgets where too much is remembered. Between transactions only.
  void trim();

 private:
  Result<Service*> find_service(Host& host, std::string_view name);

  Db& db_;
  ByName<Host> hosts_;
  ByName<std::int64_t> keys_;
  std::size_t service_count_ = 0;
};

}  // namespace sheepdog
