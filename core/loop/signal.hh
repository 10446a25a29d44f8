// signal.hh -- call back when a signal comes.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "loop/loop.hh"

namespace sheepdog {

class Signal {
 public:
  /// F runs on the loop's thread with the signal's number, until this object goes. Waiting for a
  /// signal does not keep the loop running.
  Signal(Loop& loop, int number, std::function<void(int)> f);

 private:
  Handle<uv_signal_t, std::function<void(int)>> handle_;
};

}  // namespace sheepdog
