// run.cc -- the wrapper: run a command as it would run without us, and tell how it went.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/front/run.hh"

#include "base/random.hh"
#include "main/front/wrapper.hh"

namespace sheepdog {

int run(RunOptions options) {
  const SystemClock clock;
  SystemRandom random;
  Loop loop;
  WrapperSignals signals;
  Wrapper wrapper(loop, clock, random, std::move(options), signals);
  wrapper.start();
  loop.run();
  return wrapper.exit_status();
}

}  // namespace sheepdog
