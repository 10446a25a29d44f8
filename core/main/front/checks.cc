// checks.cc -- what run, send and import ask of their options alike.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/front/checks.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/report.hh"
#include "broker/address.hh"

namespace sheepdog {

namespace {

/// "disk /home" is a good service; "web1/nginx" is one of the host web1.
bool is_host_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
  });
}

}  // namespace

Error usage_error(const cli::Parsed& parsed, std::string_view message) {
  return {ErrorCode::invalid, fmt::format("sheepdog {}: {}", parsed.command, message), {}};
}

Result<> check_name(const cli::Parsed& parsed, std::string_view option) {
  if (!parsed.has(option)) return {};
  const auto name = parsed.text(option);
  const auto given = fmt::format("--{}: {}", option, cli::as_given(name));
  if (const auto fault = name_fault(name))
    return usage_error(parsed, fmt::format("{} {}; a name has 1 to {} bytes of UTF-8 and no control "
                                           "characters",
                                           given, *fault, name_size_limit));
  const auto slash = name.find('/');
  if (slash == name.npos) return {};
  if (option == "host")
    return usage_error(parsed, fmt::format("{} has a slash, which ends a host's name; write the "
                                           "host alone",
                                           given));
  if (option == "service" && is_host_name(std::string_view(name).substr(0, slash)))
    return usage_error(parsed, fmt::format("{} reads as HOST/SERVICE; write the service alone{}",
                                           given,
                                           parsed.command == "send" ? " and the host with --host"
                                                                    : ""));
  return {};
}

Result<> check_broker(const cli::Parsed& parsed) {
  if (!parsed.has("broker")) return {};
  const auto address = parse_broker_address(parsed.text("broker"));
  if (address) return {};
  // Not shown as it was given: there may be a password in it.
  return usage_error(parsed, fmt::format("-H: {}", address.error().text()));
}

}  // namespace sheepdog
