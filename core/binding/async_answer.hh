// async_answer.hh -- how a primitive that cannot answer at once answers later.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "base/log.hh"
#include "binding/convert.hh"
#include "binding/guile.hh"

namespace sheepdog::binding {

/// A callback (FAULT VALUE) of a primitive: FAULT is #f, or a pair of the error's code (a symbol)
/// and its message.
class Answer {
 public:
  Answer(const char* who, SCM callback) : who_(who), callback_(callback) {}

  void fail(const Error& error) const {
    call_or_log(who_, callback_, {to_scm(error), SCM_BOOL_F});
  }
  void succeed(SCM value = SCM_BOOL_T) const { call_or_log(who_, callback_, {SCM_BOOL_F, value}); }

  /// For a Result<>.
  void give(const Result<>& result) const {
    if (result) succeed();
    else fail(result.error());
  }

 private:
  const char* who_;
  Kept callback_;
};

/// An Answer for what another thread works on. It is a number, so that copies which that thread
/// destroys touch no Scheme value; give it from the loop's thread, once.
class LaterAnswer {
 public:
  explicit LaterAnswer(Answer answer);
  /// The answer, and forget it.
  Answer take() const;

 private:
  std::int64_t id_;
};

}  // namespace sheepdog::binding
