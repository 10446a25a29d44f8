// seeded_random.hh -- the same bytes for the same seed.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <random>

#include "base/random.hh"

namespace sheepdog::testing {

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(std::span<std::uint8_t> bytes) override {
    for (auto& b : bytes) b = static_cast<std::uint8_t>(engine_());
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace sheepdog::testing
