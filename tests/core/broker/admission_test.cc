// admission_test.cc -- what a local user hands in is judged as it was sent, and stamped.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/admission.hh"

#include <gtest/gtest.h>

namespace sheepdog {
namespace {

constexpr Micros arrival = 1'700'000'000 * micros_per_second;

/// BEGIN and END with as many FILLERs and blanks between as make it SIZE bytes.
std::string filled(std::string begin, std::string_view filler, std::string_view end,
                   std::size_t size) {
  while (begin.size() + filler.size() + end.size() <= size) begin += filler;
  return begin.append(size - begin.size() - end.size(), ' ').append(end);
}

TEST(Admission, WhatIsFilledInDoesNotCountAgainstTheSize) {
  const std::string host(255, '"');
  for (const bool privileged : {true, false}) {
    const Sender sender{4294967295, privileged};
    // A text, and numbers that we would write longer.
    for (const std::string_view begin :
         {R"({"service":"s","host":null,"summary":"\u00e9)", R"({"service":"s","data":{"n":[1e9)"}) {
      const bool text = begin.find("summary") != begin.npos;
      const auto line = [&](std::size_t size) {
        return text ? filled(std::string(begin), "s", "\"}", size)
                    : filled(std::string(begin), ",1e9", "]}}", size);
      };
      const auto fits = admit(line(report_size_limit), sender, host, "origin", arrival);
      ASSERT_TRUE(fits.verdict) << fits.verdict.error().text();
      EXPECT_GT(fits.entry.body.size(), report_size_limit);
      const auto received = parse_report(fits.entry.body, "", 0, stamped_size_limit);
      ASSERT_TRUE(received) << received.error().text();
      EXPECT_EQ(received->host, host);
      EXPECT_EQ(received->uid.has_value(), !privileged);
      EXPECT_FALSE(parse_report(fits.entry.body, "", 0)) << "nobody may send that much";

      const auto too_long = admit(line(report_size_limit + 1), sender, host, "origin", arrival);
      ASSERT_FALSE(too_long.verdict);
      EXPECT_EQ(too_long.verdict.error().text(), "1048577 bytes; a report has at most 1048576");
    }
  }
}

TEST(Admission, WhatAUserClaimsIsNotBelieved) {
  const auto admitted = admit(R"({"\u0068ost":"a","host":"here","uid":0,"u\u0069d":1,"service":"s"})",
                              {1000, false}, "here", "origin", arrival);
  ASSERT_TRUE(admitted.verdict);
  EXPECT_EQ(admitted.report.host, "here");
  EXPECT_EQ(admitted.report.uid, 1000U);
  EXPECT_EQ(admitted.entry.body.find("\"a\""), std::string::npos) << admitted.entry.body;
}

TEST(Admission, AUserHasThisHostAndTheOpenPlugins) {
  const auto denied = [](const char* line, bool privileged) -> std::string {
    const auto admitted = admit(line, {1000, privileged}, "here", "origin", arrival);
    if (admitted.verdict) return "";
    EXPECT_EQ(admitted.verdict.error().code, ErrorCode::denied);
    EXPECT_EQ(admitted.entry.body, line);
    EXPECT_EQ(admitted.entry.uid, 1000U);
    EXPECT_EQ(admitted.entry.fault, admitted.verdict.error().text());
    return admitted.entry.fault;
  };
  const char* elsewhere = R"({"service":"s","host":"elsewhere"})";
  EXPECT_EQ(denied(elsewhere, false),
            "only root may report for another host than here, not user 1000");
  EXPECT_EQ(denied(elsewhere, true), "");
  EXPECT_EQ(denied(R"({"service":"s","host":"here"})", false), "");
  EXPECT_EQ(denied(R"({"service":"s","host":null})", false), "");
  EXPECT_NE(denied(R"({"service":"s","host":7})", false), "");
  const char* closed = R"({"service":"s","plugin":"packages"})";
  EXPECT_EQ(denied(closed, false),
            "only root may send reports for plugin packages, not user 1000");
  EXPECT_EQ(denied(closed, true), "");
  for (const char* open : {"message", "run", "fact", "sample"})
    EXPECT_EQ(denied((std::string(R"({"service":"s","plugin":")") + open + "\"}").c_str(), false), "");
}

}  // namespace
}  // namespace sheepdog
