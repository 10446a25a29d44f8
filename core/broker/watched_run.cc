// watched_run.cc -- runs that are watched: what reports say of them, and that one vanished.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/watched_run.hh"

#include <limits>

#include "base/json.hh"

namespace sheepdog {

namespace {

/// A longer one names nobody.
constexpr std::size_t inform_limit = 255;

}  // namespace

std::optional<RunPhase> phase_of(const Report& report) {
  if (report.plugin != "run") return std::nullopt;
  const auto data = data_of(report);
  const auto run = data.find("run");
  const auto phase = data.find("phase");
  if (run == data.end() || phase == data.end() || !run->is_string() ||
      !phase->is_string())
    return std::nullopt;
  const auto id = parse_uuid(run->get_ref<const std::string&>());
  if (!id) return std::nullopt;
  RunPhase found{id->text(), phase->get<std::string>(), ""};
  const auto inform = data.find("inform");
  if (inform != data.end() && inform->is_string())
    if (const auto& name = inform->get_ref<const std::string&>(); name.size() <= inform_limit)
      found.inform = name;
  return found;
}

std::optional<WatchedRun> opened_run(const Report& report) {
  auto phase = phase_of(report);
  if (!phase || phase->phase != "start") return std::nullopt;
  return WatchedRun{std::move(phase->run), report.host, report.service, report.uid, report.time,
                    std::move(phase->inform)};
}

/// As a report of its start, so that one that was kept whole is read as well.
std::string opening_of(const WatchedRun& run) {
  Json data = {{"run", run.run}, {"phase", "start"}};
  if (!run.inform.empty()) data["inform"] = run.inform;
  Json opening = {{"host", run.host},
                  {"service", run.service},
                  {"plugin", "run"},
                  {"time", static_cast<double>(run.since) / 1e6},
                  {"data", std::move(data)}};
  if (run.uid) opening["uid"] = *run.uid;
  return to_json_text(opening);
}

std::optional<WatchedRun> read_opening(std::string_view text) {
  const auto report = parse_report(text, "", std::numeric_limits<Micros>::max() / 2,
                                   stamped_size_limit);
  return report ? opened_run(*report) : std::nullopt;
}

SpoolEntry vanished(const WatchedRun& run, Micros now) {
  Report report;
  report.id = derive_uuid("vanished " + run.run);
  report.time = now;
  report.host = run.host;
  report.service = run.service;
  report.plugin = "run";
  report.status = Status::critical;
  report.summary =
      "vanished: the wrapper is gone and has not said how the run ended; its command may still run";
  Json data = {{"run", run.run},
               {"phase", "vanished"},
               {"started", static_cast<double>(run.since) / 1e6}};
  if (!run.inform.empty()) data["inform"] = run.inform;
  report.data = to_json_text(data);
  report.uid = run.uid;
  SpoolEntry entry = spool_entry(report, now);
  entry.mark = RunMark::vanishes;
  entry.run = run.run;
  return entry;
}

}  // namespace sheepdog
