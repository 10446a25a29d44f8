// admission.cc -- judging and stamping what a local user hands in.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/admission.hh"

#include <fmt/format.h>
#include <unistd.h>

#include "base/json.hh"
#include "base/open_plugin.hh"
#include "broker/watched_run.hh"

namespace sheepdog {

namespace {

/// LINE with what it leaves out and what is stamped. Only what was sent counts against the limit.
Result<std::string> completed(std::string_view line, const Sender& sender, const std::string& host,
                              std::string_view derive_from, Micros arrival) {
  if (line.size() > report_size_limit)
    return Error{ErrorCode::full,
                 fmt::format("{} bytes; a report has at most {}", line.size(), report_size_limit),
                 ""};
  auto parsed = parse_json(line);
  if (!parsed) return parsed.error();
  const Json& object = *parsed;
  if (!object.is_object()) return Error{ErrorCode::invalid, "not a JSON object", ""};
  const auto lacks = [&](const char* field) {
    const auto found = object.find(field);
    return found == object.end() || found->is_null();
  };
  if (!sender.privileged && !lacks("host") && object["host"] != host)
    return Error{ErrorCode::denied,
                 fmt::format("only root may report for another host than {}, not user {}", host,
                             sender.uid),
                 ""};
  Json stamps = Json::object();
  if (lacks("id")) stamps["id"] = derive_uuid(derive_from).text();
  if (lacks("time")) stamps["time"] = static_cast<double>(arrival) / 1e6;
  // Also where it was given: a member may be there twice.
  if (lacks("host") || !sender.privileged) stamps["host"] = host;
  if (!sender.privileged) stamps["uid"] = sender.uid;
  return stamps.empty() ? std::string(line) : with_members(line, stamps);
}

}  // namespace

Sender sender_of(std::uint32_t uid) { return {uid, uid == 0 || uid == ::geteuid()}; }

Admission refuse(std::string_view bytes, Error why, const Sender& sender, Micros arrival) {
  Admission refused;
  refused.entry.body = bytes.substr(0, dead_letter_limit);
  refused.entry.fault = why.text();
  if (!sender.privileged) refused.entry.uid = sender.uid;
  refused.entry.arrival = arrival;
  refused.verdict = std::move(why);
  return refused;
}

Admission admit(std::string_view line, const Sender& sender, const std::string& host,
                std::string_view derive_from, Micros arrival) {
  auto body = completed(line, sender, host, derive_from, arrival);
  if (!body) return refuse(line, body.error(), sender, arrival);
  auto report = parse_report(*body, derive_from, arrival, stamped_size_limit);
  if (!report) return refuse(line, report.error(), sender, arrival);
  if (auto closed = closed_to_sender(*report))
    return refuse(line, {ErrorCode::denied, *std::move(closed), ""}, sender, arrival);

  Admission admitted;
  admitted.report = *std::move(report);
  SpoolEntry& entry = admitted.entry;
  entry.body = *std::move(body);
  entry.success = admitted.report.status == Status::ok;
  if (!sender.privileged) entry.uid = sender.uid;
  entry.arrival = arrival;
  // Of a run in imported history nobody waits for the end.
  if (auto phase = phase_of(admitted.report); phase && !admitted.report.imported) {
    entry.mark = phase->phase == "start" ? RunMark::opens
                 : phase->phase == "end" ? RunMark::closes
                                         : RunMark::none;
    entry.run = std::move(phase->run);
    if (entry.mark == RunMark::opens) entry.opening = opening_of(*opened_run(admitted.report));
  }
  return admitted;
}

}  // namespace sheepdog
