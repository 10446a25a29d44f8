// reporter_options_test.cc -- what a reporter is told by its user.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/reporter_options.hh"

#include <gtest/gtest.h>

#include <cstdlib>

namespace sheepdog {
namespace {

TEST(ReporterOptions, TheCommandLineGoesBeforeTheEnvironment) {
  setenv("SHEEPDOG_BROKER", "b", 1);
  setenv("SHEEPDOG_STATE_DIR", "/s", 1);
  EXPECT_EQ(reporter_options("", "").broker, "b");
  EXPECT_EQ(reporter_options("", "").state_dir, "/s");
  EXPECT_EQ(reporter_options("c", "").broker, "c");
  EXPECT_EQ(reporter_options("", "/t").broker, "");
  EXPECT_EQ(reporter_options("", "/t").state_dir, "/t");
  unsetenv("SHEEPDOG_BROKER");
  unsetenv("SHEEPDOG_STATE_DIR");
}

}  // namespace
}  // namespace sheepdog
