// run_options.cc -- what `sheepdog run` was asked to do.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/front/run_options.hh"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/report.hh"
#include "main/front/checks.hh"

namespace sheepdog {

namespace {

constexpr std::int64_t most_retries = 1'000'000;

Result<std::set<int>> exit_statuses(const cli::Parsed& parsed, std::string_view option) {
  const auto text = parsed.text(option);
  std::string_view list = text;
  std::set<int> statuses;
  while (true) {
    const auto end = std::min(list.find(','), list.size());
    int status = -1;
    const auto [stopped, code] = std::from_chars(list.data(), list.data() + end, status);
    if (code != std::errc{} || stopped != list.data() + end || status < 0 || status > 255)
      return usage_error(
          parsed, fmt::format("--{}: {} is not an exit status; write numbers from 0 to 255 with "
                              "commas between them, as in 1,24",
                              option, cli::as_given(list.substr(0, end))));
    statuses.insert(status);
    if (end == list.size()) return statuses;
    list.remove_prefix(end + 1);
  }
}

std::string base_name(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const auto slash = path.rfind('/');
  return std::string(slash == path.npos || path.size() == 1 ? path : path.substr(slash + 1));
}

Micros micros(double seconds) { return std::llround(seconds * micros_per_second); }

}  // namespace

std::string program_of(std::string_view text) {
  const std::string_view blank = " \t\n";
  while (true) {
    const auto start = text.find_first_not_of(blank);
    if (start == text.npos) return "sh";
    text.remove_prefix(start);
    const auto word = text.substr(0, text.find_first_of(blank));
    // Quotes, variables and the like: only a shell knows what it means.
    if (word.find_first_of("\"'`$(){}<>|&;*?[]!#\\~") != word.npos) return "sh";
    if (word.find('=') == word.npos) return base_name(word);
    text.remove_prefix(word.size());  // NAME=VALUE, which may be a secret
  }
}

Result<RunOptions> run_options(const cli::Parsed& parsed) {
  const auto wrong = [&](std::string_view message) { return usage_error(parsed, message); };
  RunOptions o;
  o.argv = parsed.texts("argv");
  const auto script = parsed.text("execute");
  if (parsed.has("execute") && !o.argv.empty())
    return wrong(
        fmt::format("either -e CMD or -- COMMAND, not both ({})", cli::as_given(o.argv[0])));
  if (parsed.has("execute")) o.argv = {"/bin/sh", "-c", script};
  if (o.argv.empty())
    return wrong("what shall be run? Write sheepdog run -- COMMAND ARG...");

  if (const auto checked = check_name(parsed, "service"); !checked) return checked.error();
  if (const auto checked = check_broker(parsed); !checked) return checked.error();
  o.service = parsed.text("service");
  if (!parsed.has("service")) {
    o.service = parsed.has("execute") ? program_of(script) : base_name(o.argv[0]);
    if (name_fault(o.service)) o.service = "command";
  }
  o.broker = parsed.text("broker");
  o.state_dir = parsed.text("state-dir");
  o.inform = parsed.text("inform");
  o.on_error = parsed.has("on-error");
  o.quiet = parsed.has("quiet");
  o.report_output = !parsed.has("no-output");
  o.timeout = micros(parsed.seconds("timeout", 0));
  if (parsed.has("timeout") && o.timeout == 0)
    return wrong("--timeout: \"0\" would leave no time; leave the option out for no limit");
  if (parsed.has("kill-after")) o.kill_after = micros(parsed.seconds("kill-after", 0));
  if (parsed.has("backoff")) o.backoff = micros(parsed.seconds("backoff", 0));
  o.retries = static_cast<int>(std::min(parsed.integer("retry", 0), most_retries));

  if (parsed.has("lock")) {
    o.lock = parsed.text("lock");
    if (o.lock->empty()) o.lock = o.service;
  } else if (parsed.has("overlap")) {
    return wrong("--overlap says what to do while another run holds the lock: add --lock");
  }
  const auto overlap = parsed.text("overlap", "skip");
  o.overlap = overlap == "wait" ? Overlap::wait : overlap == "fail" ? Overlap::fail : Overlap::skip;

  for (const auto* name : {"ok", "warning"}) {
    if (!parsed.has(name)) continue;
    auto statuses = exit_statuses(parsed, name);
    if (!statuses) return statuses.error();
    (name == std::string_view("ok") ? o.ok : o.warning).merge(*statuses);
  }
  for (const int status : o.warning)
    if (o.ok.erase(status) != 0 && status != 0)
      return wrong(fmt::format("--ok and --warning contradict each other about {}; name it in one of "
                               "them", status));

  auto redactor = Redactor::make(parsed.texts("redact"));
  if (!redactor)
    return wrong(fmt::format("--redact: {}: {}; write an extended regular expression, as in "
                             "password=\\w+",
                             cli::as_given(redactor.error().context), redactor.error().message));
  o.redactor = std::move(*redactor);
  return o;
}

}  // namespace sheepdog
