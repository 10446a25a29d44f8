// base_test.cc -- durations, identifiers, UTF-8, durable files.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/duration.hh"
#include "base/file.hh"
#include "base/json.hh"
#include "base/text.hh"
#include "base/uuid.hh"
#include "manual_clock.hh"
#include "seeded_random.hh"

namespace sheepdog {
namespace {

TEST(Duration, ReadsUnits) {
  EXPECT_EQ(*parse_duration("90s"), 90 * micros_per_second);
  EXPECT_EQ(*parse_duration("1h30m"), 5400 * micros_per_second);
  EXPECT_EQ(*parse_duration("7"), 7 * micros_per_second);
  EXPECT_EQ(*parse_duration("250ms"), 250'000);
  for (const auto* text : {"", "s", "-1s", "1x", "1e3s", "5m ", "999999999w", "nan"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Duration, WritesTheTwoLargestUnits) {
  EXPECT_EQ(format_duration(12'000), "12ms");
  EXPECT_EQ(format_duration(1'000), "1ms");
  for (const Micros little : {999, 1, 0, -999}) EXPECT_EQ(format_duration(little), "under 1ms");
  EXPECT_EQ(format_duration(1'450'000), "1.4s");
  EXPECT_EQ(format_duration(61 * micros_per_second), "1m 1s");
  EXPECT_EQ(format_duration(6 * 3600 * micros_per_second), "6h");
  EXPECT_EQ(format_duration(-90 * micros_per_second), "-1m 30s");
}

TEST(Uuid, AscendsWhenTheClockStandsOrGoesBack) {
  testing::ManualClock clock(1'700'000'000 * micros_per_second);
  testing::SeededRandom random(1);
  UuidSource source(clock, random);
  Uuid last = source.next();
  for (int i = 0; i < 10'000; ++i) {
    if (i == 5'000) clock.jump(-3600 * micros_per_second);
    const Uuid next = source.next();
    ASSERT_LT(last, next);
    last = next;
  }
  EXPECT_EQ(last.text()[14], '7');
  EXPECT_EQ(*parse_uuid(last.text()), last);
}

TEST(Uuid, DerivedIsTheSameForTheSameText) {
  EXPECT_EQ(derive_uuid("a"), derive_uuid("a"));
  EXPECT_NE(derive_uuid("a"), derive_uuid("b"));
  EXPECT_EQ(derive_uuid("a").text()[14], '8');
}

TEST(Sha256, KnowsTheStandardsExample) {  // FIPS 180-4
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Utf8, RefusesWhatIsNot) {
  EXPECT_TRUE(is_utf8("a ü € 🐕"));
  for (const auto* text : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xe2\x82", "\xf5\x80\x80\x80"})
    EXPECT_FALSE(is_utf8(text));
}

TEST(Ascii, IsSeenAtEveryPlace) {
  EXPECT_TRUE(is_ascii(""));
  for (std::size_t size = 1; size <= 20; ++size) {
    std::string text(size, '\x7f');
    EXPECT_TRUE(is_ascii(text));
    for (auto& c : text) {
      c = '\x80';
      EXPECT_FALSE(is_ascii(text));
      c = '\x7f';
    }
  }
}

TEST(Json, MembersAreSetAndTheRestStaysAsItWasWritten) {
  const Json members{{"id", "x\"y"}, {"uid", 7}};
  const std::string stamped = "\"id\":\"x\\\"y\",\"uid\":7}";
  for (const auto& [object, rest] : std::initializer_list<std::pair<const char*, const char*>>{
           {"{}", "{"},
           {" \t{ } ", "{"},
           {R"({"a":1e9, "b" : [1,{"id":2}], "c":"\"},{\\" })", R"({"a":1e9,"b" : [1,{"id":2}],"c":"\"},{\\" ,)"},
           {R"({"id":null,"a":{},"uid":[{"a":"}"}],"id":3})", R"({"a":{},)"},
           {R"({"\u0069d":1,"\u0075\u0069d":2,"UID":3})", R"({"UID":3,)"}}) {
    EXPECT_EQ(with_members(object, members), rest + stamped) << object;
  }
  EXPECT_EQ(with_members("{}", Json::object()), "{}");
}

TEST(Base64, KnowsTheStandardsExamples) {  // RFC 4648, 10
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(File, DurableWriteLeavesNothingBeside) {
  const std::string dir = ::testing::TempDir() + "/sheepdog-file-" + std::to_string(::getpid());
  ASSERT_TRUE(make_directories(dir + "/a/b", 0700));
  ASSERT_TRUE(write_durably(dir + "/a/b/x", "hello", 0600));
  EXPECT_EQ(*read_file(dir + "/a/b/x"), "hello");
  EXPECT_EQ(read_file(dir + "/a/b/x", 4).error().code, ErrorCode::full);
  EXPECT_EQ(read_file(dir + "/none").error().code, ErrorCode::not_found);
  const auto entries = std::filesystem::directory_iterator(dir + "/a/b");
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace sheepdog
