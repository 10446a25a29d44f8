// herd.cc -- a made-up herd: what its 1000 hosts report in 90 days, the same each time.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "herd.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sheepdog::bench {

namespace {

constexpr Micros start = present - span;
constexpr Micros week = 7 * day;

constexpr std::array other_packages{
    "acl",      "apt",      "attr",    "base-files", "bash",    "binutils", "bzip2",   "cron",
    "curl",     "dash",     "dbus",    "debconf",    "dpkg",    "e2fsprogs", "file",   "findutils",
    "gawk",     "gettext",  "git",     "gnupg",      "grep",    "gzip",     "hostname", "init",
    "iproute2", "kmod",     "less",    "libc6",      "libcurl4", "libgcc",  "libpam",  "libpng",
    "libssl3",  "libxml2",  "login",   "logrotate",  "lvm2",    "mawk",     "mount",   "ncurses",
    "nettle",   "openssh",  "openssl", "passwd",     "perl",    "procps",   "python3", "readline",
    "rsync",    "rsyslog",  "sed",     "sqlite3",    "sudo",    "systemd",  "tar",     "tzdata",
    "util-linux", "vim",    "xz-utils"};

constexpr std::array nginx_versions{"1.22.0-3", "1.22.1-9", "1.24.0-2", "1.26.0-1"};

/// Numbers that look random and are always the same.
std::uint64_t chance(std::uint64_t what, std::uint64_t who, std::uint64_t when = 0) {
  std::uint64_t x = what * 0x9E3779B97F4A7C15u + who * 0xBF58476D1CE4E5B9u +
                    when * 0x94D049BB133111EBu + 20260101;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

/// True once in N.
bool once_in(std::uint64_t n, std::uint64_t what, std::uint64_t who, std::uint64_t when = 0) {
  return chance(what, who, when) % n == 0;
}

double fraction(std::uint64_t what, std::uint64_t who, std::uint64_t when = 0) {
  return static_cast<double>(chance(what, who, when) >> 11) / 9007199254740992.0;
}

/// Like the version 7 UUIDs that reporters make: in the order of time.
Uuid id_at(Micros time, std::uint64_t what, std::uint64_t who) {
  Uuid id;
  const auto milliseconds = static_cast<std::uint64_t>(time / 1000);
  const std::uint64_t rest[2] = {chance(what, who, static_cast<std::uint64_t>(time)),
                                 chance(what + 1, who, static_cast<std::uint64_t>(time))};
  for (std::size_t i = 0; i < 6; ++i)
    id.bytes[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
  for (std::size_t i = 6; i < 16; ++i)
    id.bytes[i] = static_cast<std::uint8_t>(rest[i % 2] >> (8 * (i / 2 - 3)));
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | (id.bytes[6] & 0x0F));
  id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3F));
  return id;
}

/// What the dice are about.
enum : std::uint64_t { memory, fails, recovers, worse, weak, lag, patched, nginx, patience, grows,
                       noise, bad_backup, lost_backup, lasts, report_id, run_id = report_id + 2 };

/// One host in a hundred has had no good backup for a week or more.
bool has_lost_backup(std::size_t host, Micros time) {
  return once_in(100, lost_backup, host) &&
         time > present - week - day - static_cast<Micros>(chance(lost_backup, host, 1) % 30) * day;
}

}  // namespace

Herd::Herd(int rounds)
    : slot_(span / rounds), backup_pace_(std::max(day, 6 * slot_)), disk_pace_(std::max(hour, 4 * slot_)) {
  for (std::size_t h = 0; h < host_count; ++h) {
    Machine machine;
    machine.name = fmt::format("tux{:04}", h);
    for (const char* name : {"host", "memory", "load", "web", "ssh", "cron", "mail", "dns", "database",
                             "queue", "rotate-logs", "certificate", "raid", "proxy"})
      machine.in_turn.push_back({name});
    machine.in_turn.push_back({fmt::format("worker-{}", h % 7)});
    machine.in_turn.push_back({fmt::format("mirror-{}", h % 11)});
    machine.in_turn.push_back({fmt::format("build-{}", h % 5)});
    for (std::size_t j = 0; j < machine.in_turn.size(); ++j)
      machine.in_turn[j].weakness = once_in(10, weak, h, j) ? 57'000 : 10'000;
    machine.nginx = once_in(4, nginx, h) ? -1 : 0;
    machine.upgrades.resize(other_packages.size());
    machines_.push_back(std::move(machine));
  }
}

void Herd::report(int round, Batch& batch) {
  const Micros pause = slot_ / host_count;
  for (std::size_t h = 0; h < host_count; ++h) {
    Machine& machine = machines_[h];
    const Micros time = start + round * slot_ + static_cast<Micros>(h) * pause +
                        static_cast<Micros>(chance(noise, h, static_cast<std::uint64_t>(round)) %
                                            static_cast<std::uint64_t>(pause));
    const auto own = static_cast<Micros>(h);  // each host has hours of its own
    const Micros age = time - start;
    const auto due = [&](Micros pace, int done) {
      return age >= done * pace + own * pace / host_count;
    };
    if (round == 0 || (!machine.facts_told && round > 1))
      batch.received.push_back(facts(h, time));
    else if (round == 1 || age >= (machine.weeks + 1) * week + own * 6 * day / host_count)
      batch.received.push_back(packages(h, time));
    else if (due(backup_pace_, machine.backups))
      batch.received.push_back(backup(h, time));
    else if (due(disk_pace_, machine.disk_reports))
      batch.received.push_back(disk(h, time));
    else
      batch.received.push_back(in_turn(h, time));
  }
}

Received Herd::begin(const Machine& machine, const std::string& service, const char* plugin,
                     Micros time) const {
  Received received;
  Report& report = received.report;
  report.id = id_at(time, report_id, static_cast<std::uint64_t>(&machine - machines_.data()));
  report.time = time;
  report.host = machine.name;
  report.service = service;
  report.plugin = plugin;
  report.status = Status::ok;
  return received;
}

void Herd::upgrade(std::size_t h, Micros time) {
  Machine& machine = machines_[h];
  const auto when = static_cast<std::uint64_t>(++machine.weeks);
  for (std::size_t p = 0; p < machine.upgrades.size(); ++p)
    if (once_in(20, patched + 100 * p, h, when)) ++machine.upgrades[p];
  // A new nginx comes out every 25 days; hosts take it some weeks later, one version at a time.
  const int newest = static_cast<int>((time - start) / (25 * day));
  if (machine.nginx >= 0 && machine.nginx < newest && once_in(3, lag, h, when)) ++machine.nginx;
  if (once_in(6, patience, h, when)) {
    ++machine.kernel;
    machine.facts_told = false;
  }
}

Received Herd::packages(std::size_t h, Micros time) {
  Machine& machine = machines_[h];
  auto received = begin(machine, "packages", "packages", time);
  if (time - start >= week) upgrade(h, time);
  assertion::Facts all;
  all.prefix = "package.";
  for (std::size_t p = 0; p < other_packages.size(); ++p)
    all.facts.emplace_back(fmt::format("package.{}", other_packages[p]),
                           fmt::format("{}.{}-{}", 1 + p % 7, p % 13, 1 + machine.upgrades[p]));
  if (machine.nginx >= 0)
    all.facts.emplace_back("package.nginx",
                           nginx_versions[static_cast<std::size_t>(machine.nginx)]);
  received.report.summary = fmt::format("{} packages", all.facts.size());
  received.assertions.emplace_back(assertion::Status{{}, {}, Status::ok, received.report.summary});
  received.assertions.emplace_back(std::move(all));
  return received;
}

Received Herd::facts(std::size_t h, Micros time) {
  Machine& machine = machines_[h];
  machine.facts_told = true;
  auto received = begin(machine, "host", "host", time);
  const auto gibibytes = once_in(20, memory, h) ? 2 : 8 << (chance(memory, h, 1) % 4);
  assertion::Facts all;
  all.prefix = "host.";
  all.facts.emplace_back("host.memory", static_cast<std::int64_t>(gibibytes) << 30);
  all.facts.emplace_back("host.cpus", static_cast<std::int64_t>(2) << (chance(memory, h, 2) % 5));
  all.facts.emplace_back("host.kernel", fmt::format("6.1.0-{}-amd64", 20 + machine.kernel));
  all.facts.emplace_back("host.distribution", h % 3 == 0 ? "guix" : "debian");
  received.report.summary = fmt::format("Linux 6.1.0-{}-amd64", 20 + machine.kernel);
  received.assertions.emplace_back(assertion::Status{{}, {}, Status::ok, received.report.summary});
  received.assertions.emplace_back(std::move(all));
  return received;
}

Received Herd::backup(std::size_t h, Micros time) {
  Machine& machine = machines_[h];
  auto received = begin(machine, "backup", "run", time);
  const auto when = static_cast<std::uint64_t>(machine.backups++);
  const bool good = !has_lost_backup(h, time) && !once_in(33, bad_backup, h, when);
  const auto seconds = 60 + static_cast<Micros>(chance(lasts, h, when) % 3600);
  received.report.status = good ? Status::ok : Status::critical;
  received.report.summary = fmt::format("{} after {} s", good ? "succeeded" : "failed", seconds);
  assertion::Run run;
  run.run = id_at(time - seconds * micros_per_second, run_id, h);
  run.phase = assertion::RunPhase::end;
  run.started = time - seconds * micros_per_second;
  run.ended = time;
  run.outcome = good ? assertion::Outcome::succeeded : assertion::Outcome::failed;
  run.exit = good ? 0 : 1;
  run.argv = "[\"borg\",\"create\",\"/export/backup::home\",\"/home\"]";
  run.user = "root";
  run.output_bytes = static_cast<std::int64_t>(chance(lasts, h, when) % 4096);
  received.assertions.emplace_back(std::move(run));
  received.assertions.emplace_back(
      assertion::Status{{}, {}, received.report.status, received.report.summary});
  return received;
}

Received Herd::disk(std::size_t h, Micros time) {
  Machine& machine = machines_[h];
  const auto when = static_cast<std::uint64_t>(machine.disk_reports++);
  auto received = begin(machine, "disk", "disk", time);
  // It grows by at most 0.3 % a day, on one host in twenty by 2 % a day in the last 15 days.
  constexpr double size = 5e11;
  const double days = static_cast<double>(time - start) / static_cast<double>(day);
  double used = size * (0.3 + 0.3 * fraction(grows, h)) *
                (1 + days * 0.003 * fraction(grows, h, 1) + 0.001 * fraction(noise, h, when));
  if (once_in(20, grows, h, 2) && days > 75) used *= 1 + (days - 75) * 0.02;
  used = static_cast<double>(static_cast<std::int64_t>(used));
  received.report.status = used > 0.8 * size ? Status::warning : Status::ok;
  received.report.summary = fmt::format("/ {:.1f} % used", 100 * used / size);
  received.report.data = fmt::format("{{\"point\":\"/\",\"size\":{},\"used\":{}}}",
                                     static_cast<std::int64_t>(size), static_cast<std::int64_t>(used));
  received.assertions.emplace_back(
      assertion::Status{{}, {}, received.report.status, received.report.summary});
  received.assertions.emplace_back(assertion::Sample{{}, "disk./.used", used});
  received.assertions.emplace_back(
      assertion::Sample{{}, "disk./.inodes-used", static_cast<double>(static_cast<int>(used / 1e6))});
  return received;
}

Received Herd::in_turn(std::size_t h, Micros time) {
  Machine& machine = machines_[h];
  const std::size_t turn = machine.next_in_turn;
  machine.next_in_turn = (turn + 1) % machine.in_turn.size();
  Job& job = machine.in_turn[turn];
  const auto who = h * 32 + turn;
  const auto when = static_cast<std::uint64_t>(time);
  if (job.status == Status::ok) {
    if (chance(fails, who, when) % (1u << 20) < job.weakness)
      job.status = once_in(3, worse, who, when) ? Status::warning : Status::critical;
  } else if (once_in(6, recovers, who, when)) {
    job.status = Status::ok;
  } else if (once_in(30, worse, who, when)) {
    job.status = Status::critical;
  }
  auto received = begin(machine, job.name, turn == 0 ? "host" : "message", time);
  const auto milliseconds = chance(lasts, who, when) % 977;
  received.report.status = job.status;
  received.report.summary = fmt::format("answered in {} ms", milliseconds);
  received.report.data = fmt::format("{{\"milliseconds\":{}}}", milliseconds);
  received.assertions.emplace_back(
      assertion::Status{{}, {}, job.status, received.report.summary});
  if (turn == 2)
    received.assertions.emplace_back(
        assertion::Sample{{}, "load.1", static_cast<double>(milliseconds) / 100});
  return received;
}

}  // namespace sheepdog::bench
