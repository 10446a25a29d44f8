// send.cc -- hand in one report, as a command.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/front/send.hh"

#include <fmt/format.h>

#include <cstdio>

#include "base/random.hh"
#include "base/uuid.hh"
#include "broker/reporter.hh"

namespace sheepdog {

namespace {

constexpr int exit_usage = 2;
constexpr int exit_unreachable = 3;

}  // namespace

int send(const cli::Parsed& parsed) {
  const SystemClock clock;
  SystemRandom random;
  UuidSource ids(clock, random);
  auto reports = reports_to_send(parsed, clock.now());
  if (!reports) {
    fmt::print(stderr, "{}\n", reports.error().text());
    return exit_usage;
  }
  Loop loop;
  Reporter reporter(loop, clock, reporter_options(parsed.text("broker"), parsed.text("state-dir")));
  int exit_status = 0;
  for (auto& report : *reports) {
    report.id = ids.next();
    reporter.submit(std::move(report), [&](const Result<>& accepted) {
      if (accepted) return;
      fmt::print(stderr, "sheepdog send: not accepted: {}\n", accepted.error().text());
      exit_status = exit_unreachable;
    });
  }
  reporter.finish([&] { loop.stop(); });
  loop.run();
  if (exit_status == 0)
    for (const auto& remark : reporter.way_taken().remarks("sent"))
      fmt::print(stderr, "sheepdog send: {}\n", remark);
  return exit_status;
}

}  // namespace sheepdog
