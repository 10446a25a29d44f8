// result.cc -- names and kinds of errors.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/result.hh"

#include <cerrno>
#include <system_error>

namespace sheepdog {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid: return "invalid";
    case ErrorCode::not_found: return "not found";
    case ErrorCode::exists: return "exists";
    case ErrorCode::denied: return "denied";
    case ErrorCode::busy: return "busy";
    case ErrorCode::full: return "full";
    case ErrorCode::timeout: return "timeout";
    case ErrorCode::closed: return "closed";
    case ErrorCode::unreachable: return "unreachable";
    case ErrorCode::refused: return "refused";
    case ErrorCode::corrupt: return "corrupt";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::io: return "io";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

bool is_transient(ErrorCode code) {
  switch (code) {
    case ErrorCode::busy:
    case ErrorCode::full:
    case ErrorCode::timeout:
    case ErrorCode::closed:
    case ErrorCode::unreachable:
    case ErrorCode::io:
      return true;
    default:
      return false;
  }
}

namespace {

ErrorCode code_of(int saved_errno) {
  switch (saved_errno) {
    case ENOENT:
    case ESRCH: return ErrorCode::not_found;
    case EEXIST: return ErrorCode::exists;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorCode::denied;
    case EBUSY:
    case EAGAIN: return ErrorCode::busy;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE: return ErrorCode::full;
    case ETIMEDOUT: return ErrorCode::timeout;
    case EPIPE:
    case ECONNRESET: return ErrorCode::closed;
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH: return ErrorCode::unreachable;
    case EINVAL:
    case ENAMETOOLONG: return ErrorCode::invalid;
    default: return ErrorCode::io;
  }
}

}  // namespace

Error errno_error(int saved_errno, std::string context) {
  return {code_of(saved_errno), std::generic_category().message(saved_errno), std::move(context)};
}

}  // namespace sheepdog
