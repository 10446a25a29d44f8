// core.hh -- what the primitives share: the loop, the clocks, the handles that Scheme knows by number.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "base/clock.hh"
#include "base/random.hh"
#include "base/uuid.hh"
#include "binding/guile.hh"
#include "loop/loop.hh"

namespace sheepdog::binding {

/// Owned things that Scheme refers to by a number; a number is never used twice.
template <typename T>
class Table {
 public:
  std::int64_t add(std::unique_ptr<T> value) {
    items_[++last_] = std::move(value);
    return last_;
  }
  T* find(std::int64_t id) {
    const auto it = items_.find(id);
    return it == items_.end() ? nullptr : it->second.get();
  }
  void remove(std::int64_t id) { items_.erase(id); }
  template <typename F>
  void remove_if(F condition) {
    std::erase_if(items_, [&](const auto& item) { return condition(*item.second); });
  }
  void clear() { items_.clear(); }
  std::size_t size() const { return items_.size(); }

 private:
  std::map<std::int64_t, std::unique_ptr<T>> items_;
  std::int64_t last_ = 0;
};

/// One for the process, made by define_primitives. Loop thread only.
struct Core {
  SystemClock clock;
  SystemRandom random;
  UuidSource ids{clock, random};
  Loop loop;
};

Core& core();

/// Define module (sheepdog primitives); in Guile mode. Doing it again changes nothing.
void define_primitives();

/// Close everything that the primitives opened, so that the loop can end.
void close_primitives();

/// Define and export the procedure NAME, which calls FUNCTION, a function of REQUIRED and OPTIONAL
/// (together 0 to 10) SCMs that returns one; for the define_... below. Inside module (sheepdog primitives) only.
void define(const char* name, int required, void* function, int optional = 0);

void define_version_primitives();
void define_version_order_primitives();
void define_poll_primitives();
void close_poll_primitives();
void define_local_socket_primitives();
void close_local_socket_primitives();
void define_loop_primitives();
void close_loop_primitives();
void define_watchdog_primitives();
void close_watchdog_primitives();
void define_clock_primitives();
void define_log_primitives();
void define_terminal_primitives();
void define_interrupt_primitives();
void define_json_primitives();
void define_machine_primitives();
void close_machine_primitives();
void define_place_primitives();
void define_process_primitives();
void define_question_primitives();
void define_report_primitives();
void define_store_primitives();
void define_reader_primitives();
void close_reader_primitives();
void close_store_primitives();
void define_broker_primitives();
void close_broker_primitives();
void define_broker_question_primitives();
void close_broker_question_primitives();
void close_process_primitives();
void close_question_primitives();

/// Raise wrong-type-arg unless the condition holds; for the unpack phase.
inline void expect_argument(bool ok, const char* who, int position, SCM argument,
                            const char* expected) {
  if (!ok) scm_wrong_type_arg_msg(who, position, argument, expected);
}

}  // namespace sheepdog::binding
