// checks.hh -- what run, send and import ask of their options alike.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "base/result.hh"
#include "main/cli.hh"

namespace sheepdog {

/// "sheepdog run: MESSAGE", for PARSED's command. Error code: invalid.
Error usage_error(const cli::Parsed& parsed, std::string_view message);

/// The name that OPTION gives a host, a service or a plugin, where it is given: what a report allows,
/// and nothing that would be read as HOST/SERVICE by who asks for it.
Result<> check_name(const cli::Parsed& parsed, std::string_view option);

/// -H, where it is given: an address that can never be one is a slip of the pen, not a broker that
/// is away.
Result<> check_broker(const cli::Parsed& parsed);

}  // namespace sheepdog
