// address_test.cc -- addresses of brokers are read in every form and never show the password.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/address.hh"

#include <gtest/gtest.h>

namespace sheepdog {
namespace {

TEST(Address, Forms) {
  struct Case {
    const char* text;
    const char* shown;
  };
  for (const auto& [text, shown] : {
           Case{"localhost", "redis://localhost:6379"},
           {"db.example.org:7000", "redis://db.example.org:7000"},
           {"[::1]:7000", "redis://[::1]:7000"},
           {"[::1]", "redis://[::1]:6379"},
           {"fe80::1", "redis://[fe80::1]:6379"},
           {"redis://h", "redis://h:6379"},
           {"redis://h/", "redis://h:6379"},
           {"redis://h:1/3", "redis://h:1/3"},
           {"redis://me:secret@h:1/3", "redis://me@h:1/3"},
           {"redis://:secret@h", "redis://h:6379"},
           {"redis://secret@h", "redis://h:6379"},
           {"unix:///run/redis.sock", "unix:///run/redis.sock"},
           {"/run/redis.sock", "unix:///run/redis.sock"},
           {"unix://me:secret@/run/a@b?db=2", "unix://me@/run/a@b?db=2"},
       }) {
    const auto address = parse_broker_address(text);
    ASSERT_TRUE(address) << text << ": " << address.error().text();
    EXPECT_EQ(address->text(), shown) << text;
  }
}

TEST(Address, Credentials) {
  const auto address = parse_broker_address("redis://me%40x:se%2Fc/r:e@t@h:1/3");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->user, "me@x");
  EXPECT_EQ(address->password, "se/c/r:e@t");
  EXPECT_EQ(address->host, "h");
  EXPECT_EQ(address->port, 1);
  EXPECT_EQ(address->database, 3);
}

TEST(Address, WrongOnesAreRefusedWithoutQuotingThem) {
  for (const char* text :
       {"", "h:", "h:0", "h:65536", "h:secret", "[::1", "[::1]7", "[::1]:", "redis://", "redis://h/x",
        "redis://secret%zz@h", "redis://u:secret%4@h", "http://h", "unix://secret", "unix:///",
        "unix:///p?secret=1", "unix:///p?db=-1", "h h", "me:secret@h:1", "redis://u:secret@:1"}) {
    const auto address = parse_broker_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, ErrorCode::invalid) << text;
    EXPECT_EQ(address.error().text().find("secret"), std::string::npos) << address.error().text();
  }
  EXPECT_EQ(parse_broker_address("rediss://h").error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace sheepdog
