// version_order_primitives.cc -- the orders of versions, for Scheme.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/version_order.hh"
#include "binding/convert.hh"
#include "binding/core.hh"

namespace sheepdog::binding {

namespace {

SCM compared(const char* name, int (*compare)(std::string_view, std::string_view), SCM a, SCM b) {
  expect_argument(scm_is_string(a), name, 1, a, "string");
  expect_argument(scm_is_string(b), name, 2, b, "string");
  int order = 0;
  work(name, [&]() -> Result<> {
    order = compare(to_string(a), to_string(b));
    return {};
  });
  return scm_from_int(order);
}

// (%version-compare a b) -> a negative number, 0 or a positive one, in Debian's order
SCM debian(SCM a, SCM b) { return compared("%version-compare", version_compare, a, b); }

// (%guix-version-compare a b) -> the same in the order of Guix
SCM guix(SCM a, SCM b) { return compared("%guix-version-compare", guix_version_compare, a, b); }

}  // namespace

void define_version_order_primitives() {
  define("%version-compare", 2, reinterpret_cast<void*>(debian));
  define("%guix-version-compare", 2, reinterpret_cast<void*>(guix));
}

}  // namespace sheepdog::binding
