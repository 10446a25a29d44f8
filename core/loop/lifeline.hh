// lifeline.hh -- callbacks that do nothing once their owner is gone.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <utility>

namespace sheepdog {

/// A member of the object that hands out callbacks; one thread only. Declare it last, so that it is
/// cut before anything else of the object goes.
class Lifeline {
 public:
  /// F, which may use the owner: called only while this lives.
  template <typename F>
  auto tie(F f) const {
    return [held = watch(), f = std::move(f)](auto&&... arguments) mutable {
      if (!held.expired()) f(std::forward<decltype(arguments)>(arguments)...);
    };
  }

  /// expired() once the owner is gone: to be asked after calling somebody who may destroy it.
  std::weak_ptr<void> watch() const { return token_; }

 private:
  std::shared_ptr<void> token_ = std::make_shared<char>();
};

}  // namespace sheepdog
