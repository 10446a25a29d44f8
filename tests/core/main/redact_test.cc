// redact_test.cc -- secrets do not get through, whatever the pieces they come in.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/front/redact.hh"

#include <gtest/gtest.h>

namespace sheepdog {
namespace {

Redactor make(const std::vector<std::string>& patterns) {
  auto made = Redactor::make(patterns);
  EXPECT_TRUE(made) << made.error().text();
  return made ? *made : Redactor();
}

TEST(Redactor, ReplacesAllThatMatches) {
  const auto r = make({"token=\\S+", "hunter[0-9]"});
  EXPECT_EQ(r.apply("a token=abc b hunter2 c token=x"),
            "a [redacted] b [redacted] c [redacted]");
  EXPECT_EQ(r.apply("nothing"), "nothing");
  EXPECT_EQ(r.apply(""), "");
  EXPECT_TRUE(make({}).empty());
}

TEST(Redactor, MatchesThatOverlapBecomeOne) {
  EXPECT_EQ(make({"abc", "bcd"}).apply("xabcdx"), "x[redacted]x");
}

TEST(Redactor, KnowsWhatPeopleWriteElsewhere) {
  EXPECT_EQ(make({"\\d{3}-(?:\\d+)"}).apply("no 123-45 no"), "no [redacted] no");
  EXPECT_EQ(make({"[\\d\\w:]+!"}).apply("no a_9:! no"), "no [redacted] no");
  EXPECT_EQ(make({"(?i)PassWord"}).apply("PASSWORD"), "[redacted]");
  EXPECT_EQ(make({"[^]]+x"}).apply("]abx]"), "][redacted]]");
  EXPECT_EQ(make({"[[:digit:]]+\\)"}).apply("(12)"), "([redacted]");
  EXPECT_EQ(make({"^b.*$"}).apply("a\nb secret\nc"), "a\n[redacted]\nc");
}

TEST(Redactor, ReadsBytesAsTheyAre) {
  const auto r = make({"key"});
  EXPECT_EQ(r.apply(std::string("\0key\xff", 5)), std::string("\0[redacted]\xff", 12));
}

TEST(Redactor, APatternThatMatchesNothingDoesNotHang) {
  EXPECT_EQ(make({"x*"}).apply("abxxc"), "ab[redacted]c");
}

TEST(Redactor, MistakesAreTold) {
  for (const auto* pattern : {"(", "[a", "(?=x)", "", "a{2,1}", "(a*)*\\1x", "\\\\\\9"}) {
    const auto made = Redactor::make({pattern});
    ASSERT_FALSE(made) << pattern;
    EXPECT_EQ(made.error().context, pattern);
  }
}

TEST(Redactor, TimeDoesNotExplode) {
  const auto r = make({"(a+)+$"});
  EXPECT_EQ(r.apply(std::string(2000, 'a') + "b").size(), 2001U);
}

TEST(RedactedStream, MissesNothingAtAnySeam) {
  const auto r = make({"secret"});
  const std::string text = "a secret\nsecretsecret\n\nno secre\nt last secret";
  const std::string expected = "a [redacted]\n[redacted][redacted]\n\nno secre\nt last [redacted]";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    std::string out;
    RedactedStream stream(r, [&](std::string_view bytes) { out += bytes; });
    for (std::size_t at = 0; at < text.size(); at += piece)
      stream.add(std::string_view(text).substr(at, piece));
    stream.finish();
    EXPECT_EQ(out, expected) << piece;
  }
}

TEST(RedactedStream, SeesTheSecretsOfEndlessLines) {
  const auto r = make({"secret[0-9]+;"});
  std::string text, expected;
  for (int i = 0; i < 30'000; ++i) {
    text += "padding secret" + std::to_string(i) + ";";
    expected += "padding [redacted]";
  }
  std::string out;
  std::size_t most_held = 0;
  RedactedStream stream(r, [&](std::string_view bytes) { out += bytes; });
  for (std::size_t at = 0; at < text.size(); at += 10'007) {
    stream.add(std::string_view(text).substr(at, 10'007));
    most_held = std::max(most_held, at + 10'007 - std::min(at, out.size()));
  }
  stream.finish();
  EXPECT_TRUE(out == expected);
}

TEST(RedactedStream, AMatchWithoutEndIsStillHidden) {
  const auto r = make({"begin.*"});
  std::string out;
  RedactedStream stream(r, [&](std::string_view bytes) { out += bytes; });
  stream.add("begin");
  for (int i = 0; i < 100; ++i) stream.add(std::string(10'000, 'x'));
  stream.finish();
  EXPECT_LT(out.size(), 1'000'000U);
  EXPECT_TRUE(out.starts_with("[redacted]"));
}

}  // namespace
}  // namespace sheepdog
