// json_primitives.cc -- JSON for Scheme.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/json.hh"
#include "binding/convert.hh"
#include "binding/core.hh"

namespace sheepdog::binding {

namespace {

// (%json->scm string) -> value
SCM json_to_scm(SCM text) {
  expect_argument(scm_is_string(text), "%json->scm", 1, text, "string");
  SCM value = SCM_BOOL_F;
  work("%json->scm", [&]() -> Result<> {
    const auto json = parse_json(to_string(text));
    if (!json) return json.error();
    value = to_scm(*json);
    return {};
  });
  return value;
}

// (%scm->json value) -> string
SCM scm_to_json(SCM value) {
  SCM text = SCM_BOOL_F;
  work("%scm->json", [&]() -> Result<> {
    const auto json = to_json(value);
    if (!json) return json.error();
    text = to_scm(std::string_view(to_json_text(*json)));
    return {};
  });
  return text;
}

}  // namespace

void define_json_primitives() {
  define("%json->scm", 1, reinterpret_cast<void*>(json_to_scm));
  define("%scm->json", 1, reinterpret_cast<void*>(scm_to_json));
}

}  // namespace sheepdog::binding
