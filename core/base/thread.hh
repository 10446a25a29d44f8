// thread.hh -- start a thread that takes no signals.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <thread>

#include "base/result.hh"

namespace sheepdog {

/// Signals are the loop thread's: one delivered elsewhere would find no handler that knows what to do.
/// Error: busy, where the system has no room for another thread.
Result<std::thread> start_thread(std::function<void()> body);

}  // namespace sheepdog
