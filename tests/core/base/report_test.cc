// report_test.cc -- what a report may be, and what is refused with which words.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/report.hh"

#include <gtest/gtest.h>

namespace sheepdog {
namespace {

constexpr Micros arrival = 1'700'000'000 * micros_per_second;

std::string why_not(std::string_view text) {
  const auto r = parse_report(text, "stream 1-0", arrival);
  return r ? "accepted" : r.error().text();
}

TEST(Report, SmallestOneGetsDefaults) {
  const auto r = parse_report(R"({"host":"tux01","service":"backup"})", "stream 1-0", arrival);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->plugin, "message");
  EXPECT_EQ(r->status, Status::unknown);
  EXPECT_EQ(r->time, arrival);
  EXPECT_EQ(r->data, "");
  EXPECT_EQ(r->id, derive_uuid("stream 1-0"));
}

TEST(Report, TravelsUnchanged) {
  Report sent;
  sent.id = derive_uuid("x");
  sent.time = arrival - 123'456;
  sent.host = "tux01";
  sent.service = "büro/backup";
  sent.plugin = "run";
  sent.status = Status::critical;
  sent.summary = "exit 3";
  sent.data = to_json_text(Json{{"exit", 3}});
  sent.uid = 1000;
  sent.imported = true;
  const auto got = parse_report(to_wire(sent), "", arrival);
  ASSERT_TRUE(got) << got.error().text();
  EXPECT_EQ(got->id, sent.id);
  EXPECT_EQ(got->time, sent.time);
  EXPECT_EQ(got->service, sent.service);
  EXPECT_EQ(got->status, sent.status);
  EXPECT_EQ(got->summary, sent.summary);
  EXPECT_EQ(got->data, sent.data);
  EXPECT_EQ(got->uid, sent.uid);
  EXPECT_TRUE(got->imported);
}

TEST(Report, RefusalsSayWhatIsWrong) {
  EXPECT_EQ(why_not("{"), "not JSON: wrong at byte 2");
  EXPECT_EQ(why_not("[]"), "not a JSON object");
  EXPECT_EQ(why_not(R"({"service":"s"})"), "host is missing");
  EXPECT_EQ(why_not(R"({"host":"","service":"s"})"), "host is empty");
  EXPECT_EQ(why_not("{\"host\":\"a\\u0000b\",\"service\":\"s\"}"), "host has a control character");
  EXPECT_EQ(why_not(R"({"host":"h","service":7})"), "service is not a string");
  EXPECT_EQ(why_not(R"({"host":"h","service":"s","status":"fine"})"),
            "status is not one of ok, warning, critical, unknown or 0 to 3");
  EXPECT_EQ(why_not(R"({"host":"h","service":"s","status":4})"),
            "status is not one of ok, warning, critical, unknown or 0 to 3");
  EXPECT_EQ(why_not(R"({"host":"h","service":"s","time":-1})"),
            "time is not in seconds since 1970");
  EXPECT_EQ(why_not(R"({"host":"h","service":"s","time":1e999})"),
            "not JSON: a number is out of range");
  EXPECT_EQ(why_not(R"({"v":2,"host":"h","service":"s"})"),
            "version 2 of the report; this program reads version 1");
  EXPECT_EQ(why_not(R"({"host":"h","service":"s","summary":"\ud800"})").substr(0, 8), "not JSON");
  EXPECT_EQ(why_not("{\"host\":\"\xff\",\"service\":\"s\"}").substr(0, 8), "not JSON");
  EXPECT_EQ(why_not(std::string(report_size_limit + 1, ' ')),
            "1048577 bytes; a report has at most 1048576");
  EXPECT_EQ(why_not(std::string(100'000, '[')), "JSON nested deeper than 64 levels");
}

TEST(Report, DataMayNestAsDeepAsAllJson) {
  const auto nested = [](std::size_t levels) {
    return R"({"host":"h","service":"s","data":{"x":)" + std::string(levels, '[') +
           std::string(levels, ']') + "}}";
  };
  EXPECT_EQ(why_not(nested(json_depth_limit - 2)), "accepted");
  EXPECT_EQ(why_not(nested(json_depth_limit - 1)), "JSON nested deeper than 64 levels");
}

TEST(Report, NumbersBeyond64BitsAreTakenAsNearbyOnes) {
  const auto r = parse_report(
      R"({"host":"h","service":"s","data":{"n":123456789012345678901234567890}})", "", arrival);
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(data_of(*r)["n"], 123456789012345678901234567890.0);
}

TEST(Report, TheLastOfTwoFieldsCounts) {
  const auto r = parse_report(
      R"({"host":"a","host":"b","service":"s","data":{"n":1},"data":{"m":2}})", "", arrival);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->host, "b");
  EXPECT_EQ(r->data, R"({"m":2})");
}

TEST(Report, AnotherVersionIsSaidFirst) {
  EXPECT_EQ(why_not(R"({"host":7,"v":2})"), "version 2 of the report; this program reads version 1");
}

TEST(Report, NullSaysNothing) {
  EXPECT_EQ(why_not(R"({"host":"h","service":"s","id":null,"time":null,"status":null,"data":null,)"
                    R"("summary":null,"plugin":null,"uid":null,"imported":null})"),
            "accepted");
}

TEST(Report, AMebibyteIsAccepted) {
  std::string text = R"({"host":"h","service":"s","summary":")";
  text += std::string(report_size_limit - text.size() - 2, 'x') + "\"}";
  ASSERT_EQ(text.size(), report_size_limit);
  EXPECT_EQ(why_not(text), "accepted");
}

TEST(Report, FarFutureIsStoredAsArrivalWithTheSkew) {
  const auto near = parse_report(R"({"host":"h","service":"s","time":1700000200})", "", arrival);
  ASSERT_TRUE(near);
  EXPECT_EQ(near->time, arrival + 200 * micros_per_second);
  EXPECT_EQ(near->skew, 0);
  const auto far = parse_report(R"({"host":"h","service":"s","time":1700001000.5})", "", arrival);
  ASSERT_TRUE(far);
  EXPECT_EQ(far->time, arrival);
  EXPECT_EQ(far->skew, 1'000'500'000);
}

TEST(Report, SummaryIsOneLine) {
  const auto r = parse_report(R"({"host":"h","service":"s","summary":"a\nb\u0000c"})", "", arrival);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->summary, "a b c");
}

}  // namespace
}  // namespace sheepdog
