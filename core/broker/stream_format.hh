// stream_format.hh -- how an entry stands in the Redis stream.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// A report is one field, "report", so that anybody can send one with redis-cli. One that was of the
// largest size and got longer when a daemon stamped it has the field "stamped" too. A dead letter
// that was found on the way is "dead" (the first bytes of what came) with "fault" (why).
#pragma once

#include <hiredis/hiredis.h>

#include <optional>
#include <string_view>
#include <vector>

#include "broker/source.hh"

namespace sheepdog {

constexpr std::string_view report_stream = "sheepdog:reports";

/// The XADD of ENTRY to STREAM; the views are those of the arguments.
std::vector<std::string_view> xadd_command(std::string_view stream, const Entry& entry);

/// One entry of XREADGROUP's or XRANGE's reply, or nothing where REPLY is not one. Whatever is
/// wrong within it becomes its fault.
std::optional<Entry> read_stream_entry(const redisReply* reply);

/// Reads "MS-SEQUENCE".
std::optional<EntryKey> parse_stream_id(std::string_view text);

}  // namespace sheepdog
