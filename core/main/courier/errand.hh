// errand.hh -- what a courier is sent for: one mail, or one run of a command.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "base/json.hh"

namespace sheepdog {

/// Do ERRAND, and call DONE once, as soon as it is known what came of it. ERRAND is one of
///   {"kind": "mail", "server", "user", "password-file", "password-variable", "encryption", "from",
///    "to", "subject", "body", "message-id", "time", "timeout"}
///   {"kind": "command", "argv", "input", "timeout"}
/// and what came of it is {"fault": {"code", "message"}} where it could not be done or the mail was
/// not taken, {"fault": null} for a mail that was, and of a command
///   {"fault": null, "how": "exited", "signalled" or "timed-out", "exit", "signal", "output"}.
void do_errand(const Json& errand, const std::function<void(const Json&)>& done);

}  // namespace sheepdog
