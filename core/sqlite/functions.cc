// functions.cc -- SQL functions for questions.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "sqlite/functions.hh"

#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string_view>
#include <vector>

#include "base/version_order.hh"
#include "sqlite/exact_sum.hh"

namespace sheepdog {

namespace {

// They depend on nothing but their arguments, and may be used in a schema.
constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;

std::string_view text_of(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return {text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

template <int (*order)(std::string_view, std::string_view)>
void compare(sqlite3_context* context, int, sqlite3_value** arguments) noexcept {
  for (int i = 0; i < 2; ++i)
    if (sqlite3_value_type(arguments[i]) != SQLITE_TEXT) return;
  const int result = order(text_of(arguments[0]), text_of(arguments[1]));
  sqlite3_result_int(context, result < 0 ? -1 : result > 0 ? 1 : 0);
}

/// A number in the form that it has in questions: whole, or a double that is not.
struct Number {
  bool is_whole = false;
  std::int64_t whole = 0;
  double real = 0;
};

/// What VALUE is, if it is a number.
std::optional<Number> number_of(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER: {
      const std::int64_t whole = sqlite3_value_int64(value);
      return Number{true, whole, static_cast<double>(whole)};
    }
    case SQLITE_FLOAT: {
      const double real = sqlite3_value_double(value);
      const auto whole = as_whole(real);
      return Number{whole.has_value(), whole.value_or(0), real};
    }
    default: return std::nullopt;
  }
}

/// What median() has seen of a group.
struct Numbers {
  std::vector<std::int64_t> integers;
  std::vector<double> reals;
};

void median_step(sqlite3_context* context, int, sqlite3_value** arguments) noexcept {
  const auto number = number_of(arguments[0]);
  if (!number) return;
  auto** numbers = static_cast<Numbers**>(sqlite3_aggregate_context(context, sizeof(Numbers*)));
  try {
    if (numbers == nullptr) throw std::bad_alloc();
    if (*numbers == nullptr) *numbers = new Numbers;
    if (number->is_whole) (*numbers)->integers.push_back(number->whole);
    else (*numbers)->reals.push_back(number->real);
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

void result(sqlite3_context* context, std::int64_t integer) {
  sqlite3_result_int64(context, integer);
}
void result(sqlite3_context* context, double real) {
  if (const auto whole = as_whole(real)) sqlite3_result_int64(context, *whole);
  else sqlite3_result_double(context, real);
}

bool no_whole(std::int64_t, std::int64_t, std::int64_t*) { return true; }
bool whole_sum(std::int64_t a, std::int64_t b, std::int64_t* c) {
  return __builtin_add_overflow(a, b, c);
}
bool whole_difference(std::int64_t a, std::int64_t b, std::int64_t* c) {
  return __builtin_sub_overflow(a, b, c);
}
bool whole_product(std::int64_t a, std::int64_t b, std::int64_t* c) {
  return __builtin_mul_overflow(a, b, c);
}

double real_sum(double a, double b) { return a + b; }
double real_difference(double a, double b) { return a - b; }
double real_product(double a, double b) { return a * b; }
double real_quotient(double a, double b) { return b == 0 ? std::numeric_limits<double>::infinity() : a / b; }

/// What comes of two whole numbers is whole, but where WHOLE says that it has more than 64 bits; NULL where
/// there is no such number.
template <bool (*whole)(std::int64_t, std::int64_t, std::int64_t*), double (*real)(double, double)>
void compute(sqlite3_context* context, int, sqlite3_value** arguments) noexcept {
  const auto a = number_of(arguments[0]);
  const auto b = number_of(arguments[1]);
  if (!a || !b) return;
  std::int64_t both = 0;
  if (a->is_whole && b->is_whole && !whole(a->whole, b->whole, &both)) return result(context, both);
  const double number = real(a->real, b->real);
  if (std::isfinite(number)) result(context, number);
}

// A sum of two large ones would overflow.
double middle(std::int64_t below, std::int64_t above) {
  return static_cast<double>(below) / 2 + static_cast<double>(above) / 2;
}

double middle(double below, double above) {
  const auto low = as_millionths(below);
  const auto high = as_millionths(above);
  return low && high ? static_cast<double>(*low + *high) / 2e6 : below / 2 + above / 2;
}

template <typename Number>
void give_median(sqlite3_context* context, std::vector<Number>& numbers) {
  const auto upper = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::nth_element(numbers.begin(), upper, numbers.end());
  if (numbers.size() % 2 == 1) return result(context, *upper);
  const Number below = *std::max_element(numbers.begin(), upper);
  if (below == *upper) result(context, below);
  else result(context, middle(below, *upper));
}

void median_final(sqlite3_context* context) noexcept {
  auto** place = static_cast<Numbers**>(sqlite3_aggregate_context(context, 0));
  if (place == nullptr) return;
  const std::unique_ptr<Numbers> numbers(*place);
  if (!numbers) return;
  try {
    if (numbers->reals.empty()) return give_median(context, numbers->integers);
    for (const auto integer : numbers->integers)
      numbers->reals.push_back(static_cast<double>(integer));
    give_median(context, numbers->reals);
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

void sum_step(sqlite3_context* context, int, sqlite3_value** arguments) noexcept {
  const int type = sqlite3_value_type(arguments[0]);
  if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) return;
  auto** sum = static_cast<ExactSum**>(sqlite3_aggregate_context(context, sizeof(ExactSum*)));
  try {
    if (sum == nullptr) throw std::bad_alloc();
    if (*sum == nullptr) *sum = new ExactSum;
    if (type == SQLITE_INTEGER) (*sum)->add(std::int64_t{sqlite3_value_int64(arguments[0])});
    else (*sum)->add(sqlite3_value_double(arguments[0]));
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

std::unique_ptr<const ExactSum> sum_of(sqlite3_context* context) {
  auto** place = static_cast<ExactSum**>(sqlite3_aggregate_context(context, 0));
  return std::unique_ptr<const ExactSum>(place == nullptr ? nullptr : *place);
}

void give_sum(sqlite3_context* context, double sum) {
  if (std::isfinite(sum)) result(context, sum);
  else sqlite3_result_error(context, "a sum is beyond all numbers", -1);
}

void sum_final(sqlite3_context* context) noexcept {
  const auto sum = sum_of(context);
  if (!sum) return result(context, std::int64_t{0});
  try {
    if (const auto whole = sum->whole()) result(context, *whole);
    else give_sum(context, sum->real());
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

void mean_final(sqlite3_context* context) noexcept {
  const auto sum = sum_of(context);
  if (!sum) return;
  try {
    give_sum(context, sum->real() / static_cast<double>(sum->count()));
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

}  // namespace

Result<> define_question_functions(Db& db) {
  sqlite3* handle = db.handle();
  const int codes[] = {
      sqlite3_create_function_v2(handle, "version_compare", 2, flags, nullptr,
                                 compare<version_compare>, nullptr, nullptr, nullptr),
      sqlite3_create_function_v2(handle, "guix_version_compare", 2, flags, nullptr,
                                 compare<guix_version_compare>, nullptr, nullptr, nullptr),
      sqlite3_create_function_v2(handle, "number_sum", 2, flags, nullptr,
                                 compute<whole_sum, real_sum>, nullptr, nullptr, nullptr),
      sqlite3_create_function_v2(handle, "number_difference", 2, flags, nullptr,
                                 compute<whole_difference, real_difference>, nullptr, nullptr,
                                 nullptr),
      sqlite3_create_function_v2(handle, "number_product", 2, flags, nullptr,
                                 compute<whole_product, real_product>, nullptr, nullptr, nullptr),
      sqlite3_create_function_v2(handle, "number_quotient", 2, flags, nullptr,
                                 compute<no_whole, real_quotient>, nullptr, nullptr, nullptr),
      sqlite3_create_function_v2(handle, "median", 1, flags, nullptr, nullptr, median_step,
                                 median_final, nullptr),
      sqlite3_create_function_v2(handle, "exact_sum", 1, flags, nullptr, nullptr, sum_step,
                                 sum_final, nullptr),
      sqlite3_create_function_v2(handle, "exact_mean", 1, flags, nullptr, nullptr, sum_step,
                                 mean_final, nullptr)};
  for (const int code : codes)
    if (code != SQLITE_OK) return sqlite_error(code, handle, db.path());
  return {};
}

}  // namespace sheepdog
