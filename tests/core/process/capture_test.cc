// capture_test.cc -- head and tail are kept whatever the pieces.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/capture.hh"

#include <gtest/gtest.h>

namespace sheepdog {
namespace {

TEST(Capture, KeepsAllOfALittle) {
  Capture c;
  c.add("hello ");
  c.add("");
  c.add("world");
  EXPECT_EQ(c.text(), "hello world");
  EXPECT_EQ(c.bytes(), 11U);
  EXPECT_EQ(c.omitted(), 0U);
}

TEST(Capture, IsTheSameWhateverThePieces) {
  std::string all;
  for (int i = 0; i < 1000; ++i) all += static_cast<char>('a' + i % 26);
  for (std::size_t size = 0; size <= 60; ++size) {
    for (std::size_t piece = 1; piece <= 45; ++piece) {
      Capture c(10, 20);
      const auto given = all.substr(0, size);
      for (std::size_t at = 0; at < size; at += piece) c.add(given.substr(at, piece));
      EXPECT_EQ(c.bytes(), size);
      EXPECT_EQ(c.head(), given.substr(0, 10));
      const auto after = size > 10 ? given.substr(10) : "";
      EXPECT_EQ(c.tail(), after.size() > 20 ? after.substr(after.size() - 20) : after);
      EXPECT_EQ(c.omitted(), size > 30 ? size - 30 : 0);
    }
  }
}

TEST(Capture, MayKeepNothing) {
  Capture c(0, 0);
  c.add("abc");
  EXPECT_EQ(c.text(), "");
  EXPECT_EQ(c.omitted(), 3U);
}

}  // namespace
}  // namespace sheepdog
