// guile.cc -- crossing between C++ and Scheme.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "binding/guile.hh"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/log.hh"
#include "binding/convert.hh"

namespace sheepdog::binding {

Kept::Kept(SCM value)
    : cell_(new SCM(scm_gc_protect_object(value)), [](SCM* cell) {
        scm_gc_unprotect_object(*cell);
        delete cell;
      }) {}

void Fault::set(ErrorCode c, const std::string& text) noexcept {
  failed = true;
  code = c;
  const auto n = std::min(text.size(), sizeof message - 1);
  std::memcpy(message, text.data(), n);
  message[n] = '\0';
}

void raise_fault(const char* who, const Fault& fault) {
  if (fault.out_of_memory) scm_report_out_of_memory();
  static const SCM raise = scm_c_public_ref("sheepdog core", "raise-core-error");
  scm_call_3(raise, scm_from_utf8_string(who), code_to_scm(fault.code),
             to_scm(std::string_view(fault.message)));
  std::abort();  // it raised
}

ExitRequest& exit_request() {
  static ExitRequest request;
  return request;
}

namespace {

struct Call {
  SCM procedure = SCM_BOOL_F;
  SCM arguments = SCM_EOL;
  SCM result = SCM_BOOL_F;
  SCM key = SCM_BOOL_F;
  SCM details = SCM_EOL;
};

void* with_barrier(void* data) {
  auto* c = static_cast<Call*>(data);
  c->result = scm_c_catch(
      SCM_BOOL_T,
      [](void* d) {
        const auto* inner = static_cast<Call*>(d);
        return scm_apply_0(inner->procedure, inner->arguments);
      },
      data,
      [](void* d, SCM key, SCM args) {
        auto* inner = static_cast<Call*>(d);
        inner->key = key;
        inner->details = args;
        return SCM_BOOL_F;
      },
      data, nullptr, nullptr);
  return nullptr;
}

SCM run_call(Call& c) {
  scm_c_with_continuation_barrier(with_barrier, &c);
  return c.result;
}

std::string describe(SCM key, SCM details) {
  static const SCM describer = scm_c_public_ref("sheepdog core", "throw->text");
  Call c{describer, scm_list_2(key, details)};
  const SCM text = run_call(c);
  if (scm_is_true(c.key) || !scm_is_string(text)) return "an error that cannot be described";
  return to_string(text);
}

}  // namespace

Result<Kept> call(SCM procedure, std::initializer_list<SCM> arguments) {
  Call c{procedure};
  for (auto it = std::rbegin(arguments); it != std::rend(arguments); ++it)
    c.arguments = scm_cons(*it, c.arguments);
  run_call(c);
  if (scm_is_false(c.key)) return Kept(c.result);
  if (scm_is_eq(c.key, scm_from_utf8_symbol("quit"))) {
    const SCM status = scm_is_pair(c.details) ? scm_car(c.details) : SCM_BOOL_T;
    exit_request() = {true, scm_is_signed_integer(status, 0, 255) ? scm_to_int(status)
                                                                  : (scm_is_true(status) ? 0 : 1)};
    return Error{ErrorCode::closed, "exit", ""};
  }
  return Error{ErrorCode::internal, describe(c.key, c.details), ""};
}

void call_or_log(const char* what, const Kept& procedure, std::initializer_list<SCM> arguments) {
  const auto done = call(procedure.get(), arguments);
  if (!done && !exit_request().asked) log::error("{}: {}", what, done.error().message);
}

}  // namespace sheepdog::binding
