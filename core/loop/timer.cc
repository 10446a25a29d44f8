// timer.cc -- call back after a while.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/timer.hh"

#include <cstdint>
#include <cstdlib>

namespace sheepdog {

namespace {

using TimerHandle = Handle<uv_timer_t, std::function<void()>>;

void fire(uv_timer_t* uv) noexcept {
  auto* block = TimerHandle::block_of(uv);
  if (!block->open) return;
  // A copy, since the callback may set the timer anew or destroy it.
  const auto f = block->payload;
  f();
}

std::uint64_t milliseconds(Micros t) {
  return t <= 0 ? 0 : static_cast<std::uint64_t>((t + 999) / 1000);
}

}  // namespace

Timer::Timer(Loop& loop) {
  if (handle_.open([&](uv_timer_t* uv) { return uv_timer_init(loop.raw(), uv); }) < 0) std::abort();
}

void Timer::start(Micros delay, Micros period, std::function<void()> f) {
  handle_.payload() = std::move(f);
  // libuv counts from the start of the turn; after a long time in it a timer would fire early. What
  // has passed is added here: were libuv told, all that is due meanwhile would be in this turn too,
  // and timers that are started again and again would keep the loop from everything else.
  const std::uint64_t turn = uv_now(handle_.uv()->loop);
  const std::uint64_t now = uv_hrtime() / 1'000'000;
  const std::uint64_t passed = now > turn ? now - turn : 0;
  uv_timer_start(handle_.uv(), fire, passed + milliseconds(delay), milliseconds(period));
}

void Timer::once(Micros delay, std::function<void()> f) { start(delay, 0, std::move(f)); }
void Timer::every(Micros period, std::function<void()> f) { start(period, period, std::move(f)); }
void Timer::stop() { uv_timer_stop(handle_.uv()); }
bool Timer::is_active() const {
  return uv_is_active(reinterpret_cast<const uv_handle_t*>(handle_.uv())) != 0;
}
void Timer::unref() { uv_unref(reinterpret_cast<uv_handle_t*>(handle_.uv())); }

}  // namespace sheepdog
