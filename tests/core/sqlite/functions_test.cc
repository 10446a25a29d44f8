// functions_test.cc -- SQL functions for questions.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "sqlite/functions.hh"

#include <gtest/gtest.h>

#include "sqlite/statement.hh"

namespace sheepdog {
namespace {

class Functions : public ::testing::Test {
 protected:
  Functions() : db_(*Db::open(":memory:")) { EXPECT_TRUE(define_question_functions(db_)); }

  Value value(const std::string& expression) {
    auto statement = db_.prepare("SELECT " + expression);
    EXPECT_TRUE(statement) << statement.error().text();
    if (!statement) return {};
    EXPECT_TRUE(*statement->step());
    return statement->value(0);
  }

  Value median(const std::string& values) { return value("median(column1) FROM (" + values + ")"); }

  Value sum(const std::string& values) {
    return value("exact_sum(column1) FROM (" + values + ")");
  }
  Value mean(const std::string& values) {
    return value("exact_mean(column1) FROM (" + values + ")");
  }

  Db db_;
};

const Value null;

TEST_F(Functions, CompareVersions) {
  EXPECT_EQ(value("version_compare('1.9', '1.10')"), Value(-1));
  EXPECT_EQ(value("version_compare('1.0~rc1', '1.0')"), Value(-1));
  EXPECT_EQ(value("version_compare('2:1', '1:9')"), Value(1));
  EXPECT_EQ(value("version_compare('1.0', '1.0')"), Value(0));
  EXPECT_EQ(value("guix_version_compare('1.9', '1.10')"), Value(-1));
  EXPECT_EQ(value("guix_version_compare('1.0~rc1', '1.0')"), Value(1)) << "not Debian's order";
}

TEST_F(Functions, CompareOnlyTexts) {
  for (const char* arguments : {"NULL, '1'", "'1', NULL", "1, '1'", "'1', 1.5", "x'31', '1'"})
    for (const char* function : {"version_compare", "guix_version_compare"})
      EXPECT_EQ(value(std::string(function) + "(" + arguments + ")"), null) << arguments;
}

TEST_F(Functions, CanBeUsedWhereOnlyHarmlessOnesMay) {
  ASSERT_TRUE(db_.exec("CREATE TABLE t(v TEXT); CREATE INDEX i ON t(version_compare(v, '1'));"
                       "CREATE VIEW w AS SELECT version_compare(v, '2') AS c FROM t;"
                       "INSERT INTO t VALUES('1.5')"));
  EXPECT_EQ(value("c FROM w"), Value(-1));
}

TEST_F(Functions, MedianIsTheMiddle) {
  EXPECT_EQ(median("VALUES(3)"), Value(3));
  EXPECT_EQ(median("VALUES(5), (1), (3)"), Value(3));
  EXPECT_EQ(median("VALUES(4), (1), (3), (2)"), Value(2.5));
  EXPECT_EQ(median("VALUES(7), (7)"), Value(7));
  EXPECT_EQ(median("VALUES(1.5), (4), (2)"), Value(2));
  EXPECT_EQ(median("VALUES(-0.5), (0.5)"), Value(0));
  EXPECT_EQ(median("VALUES(0.1), (0.2)"), Value(0.15)) << "they are millionths";
  EXPECT_EQ(median("VALUES(9223372036854775807), (9223372036854775807), (1)"),
            Value(INT64_MAX));
  EXPECT_EQ(median("VALUES(9223372036854775807), (9223372036854775806)"),
            Value(9223372036854775807.0));
}

TEST_F(Functions, MedianLeavesOutWhatIsNoNumber) {
  EXPECT_EQ(median("VALUES(NULL), (1), ('x'), (3), ('2'), (x'00'), (NULL), (5)"), Value(3));
  EXPECT_EQ(median("VALUES(NULL), ('x')"), null);
  EXPECT_EQ(median("SELECT 1 AS column1 WHERE 0"), null);
}

TEST_F(Functions, SumIsExact) {
  EXPECT_EQ(sum("VALUES(1), (2), (3)"), Value(6));
  EXPECT_EQ(sum("VALUES(0.1), (0.2), (0.3)"), Value(0.6));
  EXPECT_EQ(sum("VALUES(0.3), (0.2), (0.1)"), Value(0.6));
  EXPECT_EQ(sum("VALUES(1e16), (1.0), (-1e16)"), Value(1));
  EXPECT_EQ(sum("VALUES(2.0), (9007199254740993)"), Value(9007199254740995)) << "they are whole";
  EXPECT_EQ(sum("VALUES(0.5), (0.5)"), Value(1));
  EXPECT_EQ(sum("VALUES(1.5), (9007199254740993), (-9007199254740992)"), Value(2.5));
  EXPECT_EQ(sum("VALUES(-1.5), (-9007199254740993), (9007199254740992)"), Value(-2.5));
  EXPECT_EQ(sum("VALUES(1e-20), (1.0), (1.1102230246251565e-16)"), Value(1.0000000000000002))
      << "a little more than half way";
  EXPECT_EQ(sum("VALUES(1e-20), (-1.5), (-1.1102230246251565e-16)"), Value(-1.5))
      << "a little less";
  EXPECT_EQ(sum("VALUES(5e-324), (5e-324), (1e-300), (-1e-300)"), Value(1e-323));
}

TEST_F(Functions, ComputeWithWholeNumbersAsLongAsTheyHave64Bits) {
  EXPECT_EQ(value("number_sum(2, 3)"), Value(5));
  EXPECT_EQ(value("number_sum(9007199254740992.0, 1)"), Value(9007199254740993));
  EXPECT_EQ(value("number_sum(9223372036854775807, 1)"), Value(9223372036854775808.0));
  EXPECT_EQ(value("number_difference(0.5, 1.5)"), Value(-1));
  EXPECT_EQ(value("number_product(3000000001.0, 3000000001.0)"), Value(9000000006000000001));
  EXPECT_EQ(value("number_product(2, 0.25)"), Value(0.5));
  EXPECT_EQ(value("number_quotient(6, 4)"), Value(1.5));
  EXPECT_EQ(value("number_quotient(6, 3)"), Value(2));
  for (const char* nothing : {"number_quotient(1, 0)", "number_quotient(0, 0.0)", "number_product(1e300, 1e300)",
                              "number_sum(1.7e308, 1.7e308)", "number_sum(NULL, 1)", "number_sum(1, 'x')"})
    EXPECT_EQ(value(nothing), null) << nothing;
}

TEST_F(Functions, SumOfMillionthsIsTheirs) {
  EXPECT_EQ(sum("VALUES(0.1), (0.2)"), Value(0.3));
  EXPECT_EQ(sum("VALUES(0.1), (0.2), (1e-7)"), Value(0.3000001)) << "not all of them are";
  EXPECT_EQ(sum("VALUES(1795266185.123456), (-1795266185.123455)"), Value(0.000001));
  EXPECT_EQ(mean("VALUES(0.1), (0.2), (0.3)"), Value(0.6 / 3));
}

TEST_F(Functions, SumMayGoBeyondAllNumbersOnTheWay) {
  const std::string large = "(1.7e308)";
  const std::string opposite = "(-1.7e308)";
  for (const auto& values : {large + "," + large + "," + opposite + "," + opposite + ", (0.25)",
                             large + "," + opposite + ", (0.25)," + opposite + "," + large,
                             "(0.25)," + opposite + "," + opposite + "," + large + "," + large}) {
    EXPECT_EQ(sum("VALUES" + values), Value(0.25)) << values;
    EXPECT_EQ(mean("VALUES" + values), Value(0.05)) << values;
  }
}

TEST_F(Functions, SumBeyond64BitsIsReal) {
  const std::string top = "(9223372036854775807)";
  EXPECT_EQ(sum("VALUES" + top), Value(INT64_MAX));
  EXPECT_EQ(sum("VALUES" + top + ", (1)"), Value(9223372036854775808.0));
  EXPECT_EQ(sum("VALUES" + top + "," + top + ", (-9223372036854775807)"), Value(INT64_MAX))
      << "only what comes of it matters";
  EXPECT_EQ(sum("VALUES" + top + "," + top + "," + top + ", (0.5)"), Value(27670116110564327421.0));
  EXPECT_EQ(sum("VALUES(-9223372036854775808), (-9223372036854775808), (-0.5)"),
            Value(-18446744073709551616.0));
  EXPECT_EQ(mean("VALUES" + top + "," + top), Value(9223372036854775807.0));
}

TEST_F(Functions, SumLeavesOutWhatIsNoNumber) {
  EXPECT_EQ(sum("VALUES(NULL), (1), ('x'), (3), ('2'), (x'00')"), Value(4));
  EXPECT_EQ(sum("VALUES(NULL), ('x')"), Value(0));
  EXPECT_EQ(sum("SELECT 1 AS column1 WHERE 0"), Value(0));
  EXPECT_EQ(mean("VALUES(NULL), (1), ('x'), (4)"), Value(2.5));
  EXPECT_EQ(mean("SELECT 1 AS column1 WHERE 0"), null);
}

TEST_F(Functions, SumBeyondAllNumbersIsAnError) {
  for (const char* function : {"exact_sum", "exact_mean"}) {
    auto statement = db_.prepare("SELECT " + std::string(function) +
                                 "(column1) FROM (VALUES(1e308), (1e308))");
    ASSERT_TRUE(statement);
    EXPECT_FALSE(statement->step());
  }
}

TEST_F(Functions, MedianOfGroups) {
  ASSERT_TRUE(db_.exec("CREATE TABLE t(g, x); INSERT INTO t VALUES('a', 1), ('b', 10), ('a', 2), "
                       "('a', 9), ('c', NULL), ('b', 20)"));
  EXPECT_EQ(value("group_concat(g || '=' || coalesce(m, 'none'), ' ') FROM "
                  "(SELECT g, median(x) AS m FROM t GROUP BY g ORDER BY g)"),
            Value("a=2 b=15 c=none"));
}

TEST_F(Functions, MedianLeavesNothingBehindWhereTheStatementEndsEarly) {
  db_.set_watch([n = 0]() mutable { return ++n < 3; });
  auto statement = *db_.prepare(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT median(i) FROM n");
  EXPECT_EQ(statement.step().error().code, ErrorCode::timeout);
}

}  // namespace
}  // namespace sheepdog
