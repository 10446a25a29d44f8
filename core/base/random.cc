// random.cc -- random bytes from the kernel.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/random.hh"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace sheepdog {

void SystemRandom::fill(std::span<std::uint8_t> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto n = getrandom(bytes.data() + done, bytes.size() - done, 0);
    if (n < 0) {
      if (errno == EINTR) continue;
      std::abort();  // a kernel without getrandom is below every floor we have
    }
    done += static_cast<std::size_t>(n);
  }
}

}  // namespace sheepdog
