// run_report.cc -- what `sheepdog run` tells about a run.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/front/run_report.hh"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "base/duration.hh"
#include "base/text.hh"

namespace sheepdog {

namespace {

constexpr std::size_t argv_limit = 64 * 1024;    // bytes of arguments that are told
constexpr std::size_t last_words_limit = 200;    // bytes of the output in the summary

double seconds(Micros t) { return static_cast<double>(t) / micros_per_second; }

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(),
                                                [](char c) { return !is_continuation(c); }));
}

/// How many bytes at the end of TEXT are the beginning of a character whose rest is missing.
std::size_t broken_end(std::string_view text) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const auto c = static_cast<unsigned char>(text[text.size() - back]);
    if ((c & 0xC0) == 0x80) continue;
    const std::size_t length = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

std::size_t broken_start(std::string_view text) {
  std::size_t n = 0;
  while (n < std::min<std::size_t>(3, text.size()) && is_continuation(text[n])) ++n;
  return n;
}

/// The last line of TEXT that says something, made fit for a summary.
std::string last_words(std::string_view text) {
  const auto end = text.find_last_not_of(" \t\r\n");
  if (end == text.npos) return {};
  text = text.substr(0, end + 1);
  const auto line_end = text.find_last_of("\r\n");
  if (line_end != text.npos) text.remove_prefix(line_end + 1);
  std::string words(text.substr(0, last_words_limit));
  words.resize(words.size() - broken_end(words));
  for (auto& c : words)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  const auto start = words.find_first_not_of(' ');
  words.erase(0, std::min(start, words.size()));
  return text.size() > last_words_limit ? words + "..." : words;
}

Json arguments(const std::vector<std::string>& argv) {
  Json list = Json::array();
  std::size_t size = 0;
  for (const auto& argument : argv) {
    size += argument.size();
    if (size > argv_limit && !list.empty()) {
      list.push_back(fmt::format("[{} arguments left out]", argv.size() - list.size()));
      break;
    }
    list.push_back(argument.substr(0, argv_limit));
  }
  return list;
}

Report base_report(const RunIdentity& identity) {
  Report report;
  report.service = identity.service;
  report.plugin = "run";
  return report;
}

Json base_data(const RunIdentity& identity, const char* phase) {
  Json data = {{"run", identity.run.text()},
               {"phase", phase},
               {"argv", arguments(identity.argv)},
               {"user", identity.user},
               {"directory", identity.directory},
               {"started", seconds(identity.started)}};
  // From the start on, since a run that vanishes sends no end.
  if (!identity.inform.empty()) data["inform"] = identity.inform;
  return data;
}

const char* outcome_name(RunOutcome outcome) {
  switch (outcome) {
    case RunOutcome::succeeded: return "succeeded";
    case RunOutcome::failed: return "failed";
    case RunOutcome::timed_out: return "timed-out";
    case RunOutcome::cancelled: break;
  }
  return "cancelled";
}

std::string signal_name(int number) {
  const char* name = sigabbrev_np(number);
  return name ? fmt::format("SIG{}", name) : fmt::format("signal {}", number);
}

}  // namespace

Json output_json(const RunOutput& output) {
  auto head = output.capture.head();
  auto tail = output.capture.tail();
  auto omitted = output.capture.omitted();
  if (omitted > 0) {
    // The cuts may have gone through characters.
    const auto end = broken_end(head);
    const auto start = broken_start(tail);
    if (is_utf8(head.substr(0, head.size() - end) + tail.substr(start))) {
      head.resize(head.size() - end);
      tail.erase(0, start);
      omitted += end + start;
    }
  }
  Json json = {{"bytes", output.bytes}, {"omitted", omitted}};
  const bool utf8 = is_utf8(head + tail);
  if (omitted > 0) json["gap"] = utf8 ? characters(head) : head.size();
  if (utf8) json["text"] = head + tail;
  else json["base64"] = base64(head + tail);
  return json;
}

Report open_report(const RunIdentity& identity, const char* phase, std::optional<double> lease) {
  auto report = base_report(identity);
  report.summary = "running";
  auto data = base_data(identity, phase);
  if (lease) data["lease"] = *lease;
  report.data = to_json_text(data);
  return report;
}

std::string run_summary(const RunResult& result, std::string_view last_lines) {
  const auto took = format_duration(result.duration);
  const auto tries = result.attempts > 1 ? fmt::format(", attempt {}", result.attempts) : "";
  if (!result.last) return result.reason;
  const auto& end = *result.last;
  std::string summary;
  if (result.outcome == RunOutcome::cancelled && result.cancel_signal != 0)
    return fmt::format("cancelled by {} after {}", signal_name(result.cancel_signal), took);
  if (end.how == ChildEnd::How::not_started)
    return fmt::format("could not be started: {}", end.text());
  if (result.status == Status::ok && end.exit_status == 0)
    return fmt::format("succeeded in {}{}", took, tries);
  if (result.outcome == RunOutcome::cancelled)
    return fmt::format("cancelled: the reader of its output went away after {}", took);
  summary = fmt::format("{} after {}{}", end.text(), took, tries);
  const auto words = last_words(last_lines);
  return words.empty() ? summary : fmt::format("{}: {}", summary, words);
}

Report end_report(const RunIdentity& identity, const RunResult& result, const RunOutput* out,
                  const RunOutput* err) {
  auto report = base_report(identity);
  report.status = result.status;
  report.summary = run_summary(result, err ? err->capture.text() : std::string());
  auto data = base_data(identity, "end");
  data["outcome"] = outcome_name(result.outcome);
  data["duration"] = seconds(result.duration);
  if (result.attempts > 0) data["attempts"] = result.attempts;
  if (result.last) {
    const auto& end = *result.last;
    if (end.how == ChildEnd::How::exited) data["exit"] = end.exit_status;
    if (end.how == ChildEnd::How::signalled) data["signal"] = end.signal;
    if (end.how == ChildEnd::How::not_started || end.how == ChildEnd::How::lost)
      data["error"] = end.text();
    data["user-cpu"] = seconds(result.user_cpu);
    data["system-cpu"] = seconds(result.system_cpu);
    data["peak-memory"] = result.peak_memory;
  } else {
    data["error"] = result.reason;
  }
  if (out) data["stdout"] = output_json(*out);
  if (err) data["stderr"] = output_json(*err);
  report.data = to_json_text(data);
  return report;
}

}  // namespace sheepdog
