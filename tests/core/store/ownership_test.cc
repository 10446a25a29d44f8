// ownership_test.cc -- what a local user may say, and what becomes a dead letter.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "fixture.hh"

namespace sheepdog {
namespace {

class Ownership : public StoreTest {
 protected:
  /// Commits ASSERTIONS of user UID for SERVICE; the reason of its refusal, "" where accepted.
  std::string say(std::optional<std::uint32_t> uid, std::string service,
                  std::vector<Assertion> assertions, std::string plugin = "message") {
    ++count_;
    auto r = report(count_, count_ * second, std::move(service));
    r.uid = uid;
    r.plugin = std::move(plugin);
    const auto done = commit({received(r, std::move(assertions))});
    if (done.accepted == 1) return "";
    return rows("SELECT reason FROM dead_letter ORDER BY dead_letter_id DESC LIMIT 1");
  }
  unsigned count_ = 0;
};

TEST_F(Ownership, AServiceBelongsToWhoReportedItFirst) {
  EXPECT_EQ(say(1000, "mine", {is(Status::ok)}), "");
  EXPECT_EQ(say(1000, "mine", {is(Status::critical)}), "");
  EXPECT_EQ(say(1001, "mine", {is(Status::ok)}),
            "service mine belongs to user 1000, user 1001 may not report it");
  EXPECT_EQ(say(std::nullopt, "mine", {is(Status::ok)}), "");
  EXPECT_EQ(say(1000, "mine", {is(Status::ok)}), "") << "root has not taken it";
  EXPECT_EQ(say(std::nullopt, "sshd", {is(Status::ok)}), "");
  EXPECT_EQ(say(1000, "sshd", {is(Status::ok)}),
            "service sshd belongs to root, user 1000 may not report it");
  EXPECT_EQ(say(0, "sshd", {is(Status::ok)}), "");
  EXPECT_EQ(say(0, "cron", {is(Status::ok)}), "");
  EXPECT_EQ(rows("SELECT name, owner FROM service ORDER BY name"), "cron -|mine 1000|sshd -");
  open();
  EXPECT_NE(say(1001, "mine", {is(Status::ok)}), "") << "after a restart";
}

TEST_F(Ownership, ARefusedReportLeavesNothing) {
  say(std::nullopt, "sshd", {is(Status::ok)});
  EXPECT_NE(say(1000, "new", {is(Status::ok), assertion::Status{{}, "sshd", Status::critical, ""}}),
            "");
  EXPECT_EQ(rows("SELECT name FROM service"), "sshd");
  EXPECT_EQ(rows("SELECT count(*) FROM report"), "1");
  EXPECT_EQ(rows("SELECT count(*) FROM state"), "1");
}

TEST_F(Ownership, OneMachineIsAllAUserCanSpeakOf) {
  EXPECT_NE(say(1000, "mine", {assertion::Status{"hen", "web", Status::ok, ""}}), "");
  EXPECT_NE(say(1000, "mine", {assertion::Sample{"hen", "load", 1}}), "");
  EXPECT_NE(say(1000, "mine", {assertion::Fact{"hen", "a", 1.0}}), "");
  EXPECT_EQ(say(1000, "mine", {assertion::Status{"tux", "web", Status::ok, ""}}), "");
}

TEST_F(Ownership, OnlyTheOpenReceivers) {
  EXPECT_EQ(say(1000, "mine", {}, "disk"),
            "only root may send reports for plugin disk, not user 1000");
  for (const auto* plugin : {"message", "run", "fact", "sample"})
    EXPECT_EQ(say(1000, "mine", {}, plugin), "");
  EXPECT_EQ(say(0, "disk", {}, "disk"), "");
}

TEST_F(Ownership, AnothersFactsStay) {
  EXPECT_EQ(say(std::nullopt, "host", {fact("kernel", "6.1")}), "");
  EXPECT_EQ(say(1000, "mine", {fact("kernel", "9.9")}),
            "fact kernel is told by service host, user 1000 may not change it");
  EXPECT_NE(say(1000, "mine", {assertion::NoFact{{}, "kernel"}}), "");
  EXPECT_NE(say(1000, "mine", {assertion::Facts{{}, "ker", {}}}), "");
  EXPECT_EQ(say(1000, "mine", {fact("app", "1")}), "");
  EXPECT_EQ(say(1000, "mine", {fact("app", "2")}), "");
  EXPECT_NE(say(1001, "other", {fact("app", "3")}), "");
  EXPECT_EQ(say(std::nullopt, "host", {fact("app", "4")}), "");
  EXPECT_EQ(rows("SELECT value FROM fact JOIN key USING(key_id) WHERE name = 'app' AND "
                 "until IS NULL"),
            "4");
}

TEST_F(Ownership, ASampleBelongsToTheServiceThatToldItsKeyFirst) {
  const auto sample = [](const char* key) { return assertion::Sample{{}, key, 1.0}; };
  EXPECT_EQ(say(std::nullopt, "load", {sample("load.1")}), "");
  EXPECT_EQ(say(1000, "mine", {sample("load.1")}),
            "sample load.1 is told by service load, user 1000 may not change it");
  EXPECT_EQ(say(1000, "mine", {sample("app")}), "");
  EXPECT_EQ(say(1000, "mine", {sample("app"), sample("app.2")}), "");
  EXPECT_NE(say(1001, "other", {sample("app")}), "");
  EXPECT_EQ(say(std::nullopt, "load", {sample("app")}), "") << "root may all";
  EXPECT_EQ(rows("SELECT count(*) FROM sample"), "5");
}

TEST_F(Ownership, NobodyAddsToAnothersSet) {
  EXPECT_EQ(say(std::nullopt, "packages", {assertion::Facts{{}, "package.", {}}}), "");
  open();
  EXPECT_EQ(say(1000, "mine", {fact("package.nginx", "1.22")}),
            "fact package. is told by service packages, user 1000 may not change it");
  EXPECT_NE(say(1000, "mine", {assertion::Facts{{}, "package.nginx", {}}}), "");
  EXPECT_NE(say(1000, "mine", {assertion::Facts{{}, "pack", {}}}), "");
  EXPECT_EQ(say(1000, "mine", {assertion::Facts{{}, "mine.", {{"mine.a", 1.0}}}}), "");
  EXPECT_EQ(say(1000, "mine", {assertion::Facts{{}, "mine.", {}}}), "");
}

TEST_F(Ownership, NobodyEndsAnothersRun) {
  assertion::Run run;
  run.run = numbered(77);
  EXPECT_EQ(say(1000, "mine", {run}, "run"), "");
  run.phase = assertion::RunPhase::end;
  EXPECT_NE(say(1001, "other", {run}, "run"), "");
  EXPECT_NE(say(std::nullopt, "cron", {run}, "run"), "") << "not even by mistake";
  EXPECT_EQ(say(1000, "mine", {run}, "run"), "");
}

TEST_F(Ownership, WhatWasAcceptedOnceIsADoubleAndNoOffence) {
  auto r = report(1, 10, "mine");
  r.uid = 1000;
  commit({received(r, {is(Status::ok)})});
  ASSERT_TRUE(writer_->transact({{"UPDATE service SET owner = NULL", {}}}));
  open();
  EXPECT_EQ(commit({received(r, {is(Status::ok)})}).doubled, 1u);
  auto refused = report(2, 20, "mine");
  refused.uid = 1000;
  EXPECT_EQ(commit({received(refused), received(refused)}).refused, 2u);
  EXPECT_EQ(rows("SELECT count(*) FROM dead_letter"), "1");
}

}  // namespace
}  // namespace sheepdog
