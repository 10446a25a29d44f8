// local_source_test.cc -- the spool as a source: batches come in order, and again until acknowledged.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/local_source.hh"

#include <optional>

#include "spool_case.hh"

namespace sheepdog {
namespace {

using testing::Answer;
using testing::entry;

using Bodies = std::vector<std::string>;

class LocalSourceTest : public testing::SpoolCase {
 protected:
  Source::Batch next(std::size_t max) {
    Answer<Result<Source::Batch>> answer;
    source->next(max, answer.call());
    auto batch = answer.wait(loop);
    EXPECT_TRUE(batch);
    return *std::move(batch);
  }
  void acknowledge(const Source::Batch& batch) {
    std::vector<EntryKey> keys;
    for (const auto& e : batch) keys.push_back(e.key);
    Answer<Result<>> answer;
    source->acknowledge(keys, answer.call());
    EXPECT_TRUE(answer.wait(loop));
  }
  std::optional<LocalSource> source;
};

TEST_F(LocalSourceTest, WaitsForTheFirstAndPipelines) {
  open();
  source.emplace(*spool);
  Answer<Result<Source::Batch>> answer;
  source->next(10, answer.call());
  ASSERT_TRUE(append({entry("a"), entry("b"), entry("c")}));
  const auto first = *answer.wait(loop);
  EXPECT_EQ(first.size(), 3u);
  ASSERT_TRUE(append({entry("d")}));
  const auto second = next(10);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].body, "d");
  acknowledge(second);
  EXPECT_EQ(bodies(), (Bodies{"a", "b", "c"})) << "the later batch takes only its own";
  source->rewind();
  EXPECT_EQ(next(10).size(), 3u);
  acknowledge(first);
  EXPECT_EQ(spool->usage().entries, 0u);
}

TEST_F(LocalSourceTest, AnUnacknowledgedBatchComesAgainAfterARestart) {
  open();
  source.emplace(*spool);
  ASSERT_TRUE(append({entry("a"), entry("b")}));
  EXPECT_EQ(next(10).size(), 2u);
  source.reset();
  open();
  source.emplace(*spool);
  EXPECT_EQ(next(10).size(), 2u);
}

}  // namespace
}  // namespace sheepdog
