// herd.hh -- a made-up herd: what its 1000 hosts report in 90 days, the same each time.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// In each round every host reports once, so the number of rounds is how densely the same 90 days are
// watched. Of a host's reports some have their own pace: packages when they were upgraded, the backup
// each night, the disk each hour (less often where there are few rounds). All others are of its
// remaining services in turn.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hh"
#include "store/batch.hh"

namespace sheepdog::bench {

constexpr int host_count = 1000;
constexpr Micros hour = 3600 * micros_per_second;
constexpr Micros day = 24 * hour;
constexpr Micros present = 1'767'225'600 * micros_per_second;  ///< 2026-01-01T00:00:00Z
constexpr Micros span = 90 * day;

class Herd {
 public:
  explicit Herd(int rounds);

  /// Adds what the hosts report in ROUND, in the order of time; rounds are to be asked for in order.
  void report(int round, Batch& batch);

 private:
  struct Job {  // of a service that is reported in turn
    std::string name;
    Status status = Status::ok;
    std::uint64_t weakness = 0;  ///< how often of 2^20 it fails
  };
  struct Machine {
    std::string name;
    std::vector<Job> in_turn;
    std::size_t next_in_turn = 0;
    int disk_reports = 0;
    int backups = 0;
    int weeks = 0;  ///< after which packages were upgraded
    bool facts_told = false;
    int kernel = 0;
    int nginx = -1;  ///< which of its versions; -1: not installed
    std::vector<int> upgrades;  ///< of each other package
  };

  Received begin(const Machine& machine, const std::string& service, const char* plugin,
                 Micros time) const;
  Received packages(std::size_t host, Micros time);
  Received backup(std::size_t host, Micros time);
  Received disk(std::size_t host, Micros time);
  Received facts(std::size_t host, Micros time);
  Received in_turn(std::size_t host, Micros time);
  void upgrade(std::size_t host, Micros time);

  Micros slot_;            ///< how long a round is
  Micros backup_pace_;
  Micros disk_pace_;
  std::vector<Machine> machines_;
};

}  // namespace sheepdog::bench
