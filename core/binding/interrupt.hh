// interrupt.hh -- Ctrl-C while the store is read.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>

namespace sheepdog::binding {

/// True from Ctrl-C until Scheme takes it, where %stop-reading-at-interrupt was called; else false.
const std::atomic<bool>& interrupted();

/// In Guile mode, with nothing to destroy on the stack: let Scheme take the interrupt that there was,
/// which as a rule leaves us.
void take_interrupt();

}  // namespace sheepdog::binding
