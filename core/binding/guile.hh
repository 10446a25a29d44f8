// guile.hh -- crossing between C++ and Scheme without losing a destructor or an error.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The rules of the boundary (a Scheme error is a longjmp that skips C++ destructors, and a C++
// exception must not pass a Guile frame):
//
//   * A primitive has three phases. Unpack: check every argument's type, trivial locals only, since
//     a failed check raises. Work: inside guard(), where C++ may throw and no scm_ call may raise.
//     Raise: when guard() has returned a fault and every C++ object is gone.
//   * C++ calls Scheme only through call(), which returns an error instead of jumping.
//   * A Scheme value that C++ keeps lives in a Kept; the collector does not see the C++ heap.
#pragma once

#include <libguile.h>

#include <exception>
#include <initializer_list>
#include <memory>
#include <new>
#include <string>
#include <type_traits>

#include "base/result.hh"

namespace sheepdog::binding {

/// Keeps a Scheme value alive for as long as a copy of this lives.
class Kept {
 public:
  Kept() = default;
  explicit Kept(SCM value);
  SCM get() const { return cell_ ? *cell_ : SCM_BOOL_F; }

 private:
  std::shared_ptr<SCM> cell_;
};

/// What went wrong under guard(): trivial, so that raising past it skips no destructor.
struct Fault {
  bool failed = false;
  bool out_of_memory = false;  ///< raised as Guile does, so that whoever waits for that hears of it
  ErrorCode code = ErrorCode::internal;
  char message[1024] = {};

  void set(ErrorCode c, const std::string& text) noexcept;
};
static_assert(std::is_trivially_destructible_v<Fault>);

/// Raise FAULT as a &core-error of WHO, a primitive's name, or as out-of-memory. Does not return.
[[noreturn]] void raise_fault(const char* who, const Fault& fault);

/// Run F (returning Result<>), and keep its error or exception in the Fault.
template <typename F>
Fault guard(F f) noexcept {
  Fault fault;
  try {
    if (const Result<> done = f(); !done) fault.set(done.error().code, done.error().text());
  } catch (const std::bad_alloc&) {
    fault.failed = fault.out_of_memory = true;
  } catch (const std::exception& e) {
    fault.set(ErrorCode::internal, e.what());
  }
  return fault;
}

/// guard(), then raise where it failed. F must be called with no destructible locals around it.
template <typename F>
void work(const char* who, F f) {
  const Fault fault = guard(f);
  if (fault.failed) raise_fault(who, fault);
}

/// Call PROCEDURE with ARGUMENTS. Where it raises: the error, its message as Scheme words it.
/// The procedure cannot capture the C++ frames in a continuation.
Result<Kept> call(SCM procedure, std::initializer_list<SCM> arguments);

/// call() whose error is logged, with WHAT it was about.
void call_or_log(const char* what, const Kept& procedure, std::initializer_list<SCM> arguments = {});

/// Set by (exit N) under call(): the loop ends and the program's status is N.
struct ExitRequest {
  bool asked = false;
  int status = 0;
};
ExitRequest& exit_request();

}  // namespace sheepdog::binding
