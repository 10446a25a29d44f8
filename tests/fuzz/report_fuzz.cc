// report_fuzz.cc -- libFuzzer: whatever bytes come, reading a report neither fails nor forgets.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.hh"
#include "base/report.hh"
#include "base/text.hh"
#include "broker/admission.hh"

using namespace sheepdog;

namespace {

constexpr Micros arrival = 1'800'000'000 * micros_per_second;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

bool same(const Report& a, const Report& b) {
  return a.id == b.id && a.host == b.host && a.service == b.service && a.plugin == b.plugin &&
         a.status == b.status && a.summary == b.summary && a.data == b.data && a.uid == b.uid &&
         a.imported == b.imported;
}

void read(std::string_view text) {
  const auto report = parse_report(text, "origin", arrival);
  if (!report) {
    require(!report.error().text().empty(), "a refusal has a reason");
    return;
  }
  for (const auto* name : {&report->host, &report->service, &report->plugin})
    require(!name_fault(*name), "names are names");
  require(is_utf8(report->summary), "a summary is text");
  require(report->time >= 0 && report->time <= arrival + skew_limit, "a time is a time");
  const auto again = parse_report(to_wire(*report), "elsewhere", arrival);
  require(again && same(*report, *again), "what was read can be written and read again");
}

void hand_in(std::string_view line, const Sender& sender) {
  const auto admission = admit(line, sender, "alpha", "origin", arrival);
  require(admission.verdict || !admission.entry.fault.empty(), "what is refused is a dead letter");
  if (!admission.verdict) return;
  const auto received = parse_report(admission.entry.body, "elsewhere", arrival,
                                     stamped_size_limit);
  require(received && same(*received, admission.report), "what was accepted can be received");
  if (sender.privileged) return;
  require(received->host == "alpha", "a user's report is of this host");
  require(received->uid == sender.uid, "a user's report says whose it is");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  read(text);
  hand_in(text, {0, true});
  hand_in(text, {1000, false});
  return 0;
}
