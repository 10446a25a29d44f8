// version_order_test.cc -- the orders of versions.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/version_order.hh"

#include <gtest/gtest.h>

#include <vector>

namespace sheepdog {
namespace {

using Compare = int (*)(std::string_view, std::string_view);

int sign(int n) { return (n > 0) - (n < 0); }

/// Each of ASCENDING is older than all that follow it, and as new as itself.
void expect_order(Compare compare, const std::vector<const char*>& ascending) {
  for (std::size_t i = 0; i < ascending.size(); ++i)
    for (std::size_t j = 0; j < ascending.size(); ++j)
      EXPECT_EQ(sign(compare(ascending[i], ascending[j])), sign(int(i) - int(j)))
          << ascending[i] << " and " << ascending[j];
}

TEST(VersionOrder, IsDebians) {
  // The first five are the example of deb-version(7) for the tilde.
  expect_order(version_compare, {"~~", "~~a", "~", "", "a"});
  expect_order(version_compare,
               {"1.0~beta1~svn1245-1", "1.0~beta1-1", "1.0~rc1-1", "1.0-1~bpo11+1", "1.0-1",
                "1.0-1ubuntu1", "1.0-1+b1", "1.0-1.1", "1.0-2", "1.0-10", "1.0a-1", "1.0+dfsg-1",
                "1.0.1-1", "1.9-1", "1.10-1", "2:0.1-1", "10:0.1-1"});
  expect_order(version_compare, {"1.22.1-9", "1.22.1-9+deb12u1", "1.22.1-9+deb12u2", "1.26.0-1"});
  expect_order(version_compare, {"1-1", "1-1-1", "1-2-1"});
}

TEST(VersionOrder, DebiansTakesDifferentTextsForTheSameVersion) {
  for (const auto& [a, b] : {std::pair{"1.0", "1.0-0"}, {"0:1.0-1", "1.0-1"}, {"1.00", "1.0"},
                             {"1.0", "1."}, {"00:1", "1"}, {"", "0"}})
    EXPECT_EQ(version_compare(a, b), 0) << a << " and " << b;
}

TEST(VersionOrder, DebiansHasAPlaceForAnyText) {
  EXPECT_LT(version_compare("99999999999999999999998", "99999999999999999999999"), 0);
  EXPECT_LT(version_compare("9", "10000000000000000000000"), 0);
  EXPECT_LT(version_compare("a:1", "a:2"), 0);
  EXPECT_LT(version_compare("1:", "1:1"), 0);
  EXPECT_LT(version_compare("1", "1\xc3\xa6"), 0);
  EXPECT_LT(version_compare("1z", "1\xc3\xa6"), 0);
}

TEST(VersionOrder, IsThatOfGuix) {
  expect_order(guix_version_compare, {"1.0", "1.0-1.abcdef0", "1.0.1", "1.0rc1", "1.9", "1.10"});
  // The example of strverscmp(3).
  expect_order(guix_version_compare, {"000", "00", "01", "010", "09", "0", "1", "9", "10"});
}

}  // namespace
}  // namespace sheepdog
