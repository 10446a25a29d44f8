// convert.cc -- values from C++ to Scheme and back.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Nothing here raises: every scm_ call is made on a value whose type was tested before.
#include "binding/convert.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>

#include "base/text.hh"

namespace sheepdog::binding {

namespace {

Error no_json(const char* what) { return {ErrorCode::invalid, what, ""}; }

bool is_key(SCM value) { return scm_is_string(value) || scm_is_symbol(value); }

bool is_alist(SCM list) {
  for (; scm_is_pair(list); list = SCM_CDR(list))
    if (!scm_is_pair(SCM_CAR(list)) || !is_key(SCM_CAR(SCM_CAR(list)))) return false;
  return true;
}

Result<Json> number_to_json(SCM value) {
  if (scm_is_signed_integer(value, INT64_MIN, INT64_MAX)) return Json(scm_to_int64(value));
  const double d = scm_to_double(value);
  if (!std::isfinite(d)) return no_json("a number that is not finite has no JSON form");
  return Json(d);
}

Result<Json> to_json_at(SCM value, std::size_t depth) {
  if (depth > json_depth_limit) return no_json("nested too deep for JSON");
  if (scm_is_string(value)) return Json(to_string(value));
  if (scm_is_bool(value)) return Json(scm_is_true(value));
  if (scm_is_real(value)) return number_to_json(value);
  if (scm_is_symbol(value)) {
    auto text = to_string(value);
    return text == "null" ? Json(nullptr) : Json(std::move(text));
  }
  if (scm_is_vector(value)) {
    Json array = Json::array();
    for (std::size_t i = 0; i < scm_c_vector_length(value); ++i) {
      auto element = to_json_at(scm_c_vector_ref(value, i), depth + 1);
      if (!element) return element;
      array.push_back(*std::move(element));
    }
    return array;
  }
  if (scm_ilength(value) >= 0) {
    if (is_alist(value)) {
      Json object = Json::object();
      for (; scm_is_pair(value); value = SCM_CDR(value)) {
        auto member = to_json_at(SCM_CDR(SCM_CAR(value)), depth + 1);
        if (!member) return member;
        object[to_string(SCM_CAR(SCM_CAR(value)))] = *std::move(member);
      }
      return object;
    }
    Json array = Json::array();
    for (; scm_is_pair(value); value = SCM_CDR(value)) {
      auto element = to_json_at(SCM_CAR(value), depth + 1);
      if (!element) return element;
      array.push_back(*std::move(element));
    }
    return array;
  }
  return no_json("a value that is no string, number, boolean, symbol, vector or alist has no JSON form");
}

}  // namespace

SCM to_scm(std::string_view text) {
  // What most texts are; Guile copies it without decoding it.
  if (is_ascii(text)) return scm_from_latin1_stringn(text.data(), text.size());
  if (is_utf8(text)) return scm_from_utf8_stringn(text.data(), text.size());
  // to_json_text knows how to replace what is not UTF-8; reading it back gives valid text.
  const std::string valid = parse_json(to_json_text(Json(std::string(text))))->get<std::string>();
  return scm_from_utf8_stringn(valid.data(), valid.size());
}

std::string to_string(SCM value) {
  if (scm_is_symbol(value)) value = scm_symbol_to_string(value);
  std::size_t length = 0;
  const std::unique_ptr<char, decltype(&std::free)> bytes(scm_to_utf8_stringn(value, &length),
                                                          std::free);
  return {bytes.get(), length};
}

SCM to_scm(const Json& value) {
  switch (value.type()) {
    case Json::value_t::string: return to_scm(std::string_view(value.get_ref<const std::string&>()));
    case Json::value_t::boolean: return scm_from_bool(value.get<bool>());
    case Json::value_t::number_integer: return scm_from_int64(value.get<std::int64_t>());
    case Json::value_t::number_unsigned: return scm_from_uint64(value.get<std::uint64_t>());
    case Json::value_t::number_float: return scm_from_double(value.get<double>());
    case Json::value_t::array: {
      const SCM array = scm_c_make_vector(value.size(), SCM_BOOL_F);
      std::size_t i = 0;
      for (const auto& element : value) scm_c_vector_set_x(array, i++, to_scm(element));
      return array;
    }
    case Json::value_t::object: {
      SCM alist = SCM_EOL;
      for (auto it = value.end(); it != value.begin();) {
        --it;
        alist = scm_acons(to_scm(std::string_view(it.key())), to_scm(it.value()), alist);
      }
      return alist;
    }
    default: {
      static const SCM null = scm_from_utf8_symbol("null");
      return null;
    }
  }
}

Result<Json> to_json(SCM value) { return to_json_at(value, 0); }

SCM to_scm(const Value& value) {
  if (const auto* i = std::get_if<std::int64_t>(&value)) return scm_from_int64(*i);
  if (const auto* d = std::get_if<double>(&value)) return scm_from_double(*d);
  if (const auto* s = std::get_if<std::string>(&value)) return to_scm(std::string_view(*s));
  if (const auto* b = std::get_if<Blob>(&value)) {
    const SCM bytes = scm_c_make_bytevector(b->size());
    for (std::size_t i = 0; i < b->size(); ++i)
      scm_c_bytevector_set_x(bytes, i, static_cast<std::uint8_t>((*b)[i]));
    return bytes;
  }
  return SCM_BOOL_F;
}

Result<Value> to_value(SCM value) {
  if (scm_is_string(value)) return Value(to_string(value));
  if (scm_is_symbol(value)) return Value(to_string(value));
  if (scm_is_signed_integer(value, INT64_MIN, INT64_MAX)) return Value(scm_to_int64(value));
  if (scm_is_real(value)) return Value(scm_to_double(value));
  if (scm_is_false(value)) return Value();
  if (scm_is_eq(value, SCM_BOOL_T)) return Value(std::int64_t{1});
  if (scm_is_bytevector(value)) {
    Blob bytes;
    for (std::size_t i = 0; i < scm_c_bytevector_length(value); ++i)
      bytes.push_back(static_cast<Blob::value_type>(scm_c_bytevector_ref(value, i)));
    return Value(std::move(bytes));
  }
  return Error{ErrorCode::invalid, "not a value of the store: a string, number, symbol or bytevector",
               ""};
}

SCM to_scm(const Error& error) {
  return scm_cons(code_to_scm(error.code), to_scm(std::string_view(error.text())));
}

SCM code_to_scm(ErrorCode code) {
  std::string name(to_string(code));
  std::replace(name.begin(), name.end(), ' ', '-');
  return scm_from_utf8_symbol(name.c_str());
}

SCM seconds_to_scm(Micros time) {
  if (time % micros_per_second == 0) return scm_from_int64(time / micros_per_second);
  return scm_from_double(static_cast<double>(time) / 1e6);
}

Result<Micros> to_micros(SCM seconds) {
  if (scm_is_real(seconds)) {
    const double d = scm_to_double(seconds);
    if (std::isfinite(d) && std::fabs(d) < 1e12) return static_cast<Micros>(std::llround(d * 1e6));
  }
  return Error{ErrorCode::invalid, "not a number of seconds", ""};
}

}  // namespace sheepdog::binding
