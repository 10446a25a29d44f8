// binding_test.cc -- the rules of the boundary: errors cross it both ways, destructors run.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <stdexcept>

#include "binding/assertions.hh"
#include "binding/async_answer.hh"
#include "binding/convert.hh"
#include "binding/core.hh"
#include "binding/guile.hh"

namespace sheepdog::binding {
namespace {

int alive = 0;

/// Counts itself, so that a skipped destructor shows.
struct Counted {
  Counted() { ++alive; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --alive; }
};

SCM evaluate(const char* text) {
  const auto reader = call(scm_c_public_ref("guile", "with-input-from-string"),
                           {scm_from_utf8_string(text), scm_c_public_ref("guile", "read")});
  EXPECT_TRUE(reader) << reader.error().message;
  const auto value = call(scm_c_public_ref("guile", "eval"),
                          {reader->get(), scm_c_resolve_module("guile-user")});
  EXPECT_TRUE(value) << value.error().message;
  return value->get();
}

SCM failing_primitive(SCM how) {
  expect_argument(scm_is_integer(how), "failing", 1, how, "number");
  work("failing", [&]() -> Result<> {
    const Counted local;
    if (scm_to_int(how) == 1) throw std::runtime_error("thrown");
    return Error{ErrorCode::full, "no room", "disk"};
  });
  return SCM_BOOL_T;
}

const SCM& failing() {
  static const SCM procedure = scm_gc_protect_object(
      scm_c_make_gsubr("failing", 1, 0, 0, reinterpret_cast<scm_t_subr>(failing_primitive)));
  return procedure;
}

TEST(Boundary, AnErrorOfTheCoreReachesSchemeAndNoDestructorIsSkipped) {
  const auto result = call(failing(), {scm_from_int(0)});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "disk: no room");
  EXPECT_EQ(alive, 0);
}

TEST(Boundary, ACxxExceptionBecomesASchemeError) {
  const auto result = call(failing(), {scm_from_int(1)});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "thrown");
  EXPECT_EQ(alive, 0);
}

TEST(Boundary, AWrongTypeIsRefusedBeforeAnyWork) {
  const auto result = call(failing(), {scm_from_utf8_string("x")});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("Wrong type"), std::string::npos)
      << result.error().message;
}

TEST(Boundary, SchemeCanHandleAnErrorOfTheCoreByItsCode) {
  evaluate("(use-modules (sheepdog error))");
  const SCM handler = evaluate(
      "(lambda (f) (with-exception-handler core-error-code (lambda () (f 0)) #:unwind? #t))");
  const auto code = call(handler, {failing()});
  ASSERT_TRUE(code);
  EXPECT_TRUE(scm_is_eq(code->get(), scm_from_utf8_symbol("full")));
}

TEST(Boundary, ASchemeErrorInACallbackIsAnErrorOfCall) {
  const Counted around;
  const auto result = call(evaluate("(lambda () (error \"no\" 'such 7))"), {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "no such 7");
  EXPECT_EQ(alive, 1);
}

TEST(Boundary, ACompoundConditionIsDescribed) {
  const auto result =
      call(evaluate("(lambda () (raise-exception (make-exception-with-message* \"odd\")))"), {});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("make-exception-with-message*"), std::string::npos);
  const auto other = call(evaluate("(lambda () (raise-exception 42))"), {});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().message, "42 was thrown");
}

TEST(Boundary, AContinuationCannotBeTakenPastCxx) {
  const auto k = call(evaluate("(lambda () (call/cc (lambda (k) k)))"), {});
  ASSERT_TRUE(k);
  EXPECT_FALSE(call(k->get(), {SCM_BOOL_T}));
}

TEST(Boundary, ExitIsARequestAndNoJump) {
  const Counted around;
  EXPECT_FALSE(call(evaluate("(lambda () (exit 3))"), {}));
  EXPECT_TRUE(exit_request().asked);
  EXPECT_EQ(exit_request().status, 3);
  exit_request() = {};
}

TEST(Kept, KeepsAValueThatOnlyCxxHolds) {
  std::vector<Kept> kept;
  for (int i = 0; i < 2000; ++i) kept.emplace_back(scm_list_1(scm_from_int(i)));
  for (int i = 0; i < 5; ++i) scm_gc();
  for (int i = 0; i < 2000; ++i)
    EXPECT_EQ(scm_to_int(scm_car(kept[static_cast<std::size_t>(i)].get())), i);
}

TEST(Convert, JsonGoesThereAndBack) {
  for (const auto* text : {R"({"a":[1,-2.5,true,null,"ü"],"b":{"c":[]}})", "[]", "\"x\"", "0"}) {
    const auto json = parse_json(text);
    ASSERT_TRUE(json);
    const auto back = to_json(to_scm(*json));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(to_json_text(*back), text);
  }
  EXPECT_TRUE(scm_is_string(to_scm(std::string_view("\xff\xfe"))));
  EXPECT_FALSE(to_json(evaluate("car")));
  EXPECT_FALSE(to_json(evaluate("(let ((l (list 1))) (set-cdr! l l) l)")));
  EXPECT_FALSE(to_json(evaluate("(let loop ((n 0) (v 1)) (if (= n 100) v (loop (+ n 1) (vector v))))")));
  EXPECT_FALSE(to_json(evaluate("+nan.0")));
}

TEST(Assertions, NonsenseIsNamed) {
  Report report;
  report.summary = "s";
  const auto fault = [&](const char* text) {
    const auto result = to_assertions(evaluate(text), report);
    return result ? std::string("accepted") : result.error().message;
  };
  EXPECT_EQ(fault("(list (vector 'status 'ok #f #f #f))"), "accepted");
  EXPECT_EQ(fault("7"), "the receiver did not return a list of assertions");
  EXPECT_EQ(fault("'(1)"), "value 1 that the receiver returned is no assertion");
  EXPECT_EQ(fault("(list (vector 'status 'fine #f #f #f))"),
            "assertion 1 (status): status is not ok, warning, critical or unknown");
  EXPECT_EQ(fault("(list (vector 'fact))"), "assertion 1 (fact): key is missing");
  EXPECT_EQ(fault("(list (vector 'sample \"k\" +inf.0 #f))"),
            "assertion 1 (sample): sample is not a finite number");
  EXPECT_EQ(fault("(list (vector 'facts \"p\" '(\"x\") #f))"),
            "assertion 1 (facts): facts is not a list of pairs with strings as keys");
  EXPECT_EQ(fault("(list (vector 'run \"x\" 'end))"), "assertion 1 (run): run is not a UUID");
}

}  // namespace
}  // namespace sheepdog::binding

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  // One entry into Guile for all: a nested one would swallow errors.
  struct Outcome {
    int status = 1;
  } outcome;
  scm_with_guile(
      [](void* data) -> void* {
        sheepdog::binding::define_primitives();
        scm_c_use_module("sheepdog core");
        static_cast<Outcome*>(data)->status = RUN_ALL_TESTS();
        return nullptr;
      },
      &outcome);
  return outcome.status;
}
