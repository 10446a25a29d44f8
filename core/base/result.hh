// result.hh -- a value or the error that stands in its place.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The subset of std::expected that we use; the compilers of our floor lack it in C++20.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace sheepdog {

/// What kind of thing went wrong; callers decide by it, people read the message.
enum class ErrorCode {
  invalid,      ///< the input is wrong; trying again cannot help
  not_found,
  exists,
  denied,       ///< permission, ownership, authentication
  busy,         ///< somebody else holds it now
  full,         ///< no room: disk, quota, limit
  timeout,
  closed,       ///< the other side went away
  unreachable,  ///< nobody answers there
  refused,      ///< the other side said no, for good
  corrupt,      ///< stored data is not what we wrote
  unsupported,  ///< a version that we do not know
  io,
  internal,
};

/// The name of CODE as people and logs read it ("not found", "timeout").
std::string_view to_string(ErrorCode code);

/// True where the same call may succeed later without anyone changing it.
bool is_transient(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  ///< what and where, for people; never a secret
  std::string context;  ///< the object concerned: a path, a host, a statement; may be empty

  /// "context: message", or the message alone.
  std::string text() const { return context.empty() ? message : context + ": " + message; }
};

/// An error from errno: CONTEXT names the object, e.g. a path.
Error errno_error(int saved_errno, std::string context);

/// Either a T or an Error. `if (!r) return r.error();` passes the error on.
template <typename T = void>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & { return checked(), std::get<0>(state_); }
  const T& value() const& { return checked(), std::get<0>(state_); }
  T&& value() && { return checked(), std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

  template <typename U>
  T value_or(U&& other) const& {
    return has_value() ? std::get<0>(state_) : static_cast<T>(std::forward<U>(other));
  }

 private:
  void checked() const {
    if (!has_value()) std::abort();
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}

  bool has_value() const noexcept { return !failed_; }
  explicit operator bool() const noexcept { return has_value(); }
  const Error& error() const& { return error_; }
  Error&& error() && { return std::move(error_); }

 private:
  Error error_;
  bool failed_ = false;
};

}  // namespace sheepdog
