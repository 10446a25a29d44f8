// writer_test.cc -- batches into tables; what is doubled, refused, or fails.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/writer.hh"

#include "fixture.hh"
#include "store/schema.hh"

namespace sheepdog {
namespace {

class WriterTest : public StoreTest {};

TEST_F(WriterTest, StoresAReportWithWhatItMeans) {
  auto r = report(1, 10 * second);
  r.data = to_json_text(Json{{"a", 1}});
  r.plugin = "disk";
  const auto done = commit({received(r, {is(Status::ok), fact("os.name", "Debian"),
                                         assertion::Sample{{}, "load", 0.5},
                                         assertion::Event{{}, {}, "seen", "{}"}})});
  EXPECT_EQ(done.accepted, 1u);
  EXPECT_EQ(done.unjudged, 1u);
  EXPECT_EQ(rows("SELECT h.name, s.name, s.plugin, s.owner FROM service s JOIN host h "
                 "USING(host_id)"),
            "tux backup disk -");
  EXPECT_EQ(rows("SELECT hex(uuid), time, arrival, status, data FROM report"),
            "00000000000000000000000000000001 10000000 1000000000000 3 {\"a\":1}");
  EXPECT_EQ(rows("SELECT since, until, status, judged FROM state"), "10000000 - 0 0");
  EXPECT_EQ(rows("SELECT name, since, until, value FROM fact JOIN key USING(key_id)"),
            "os.name 10000000 - Debian");
  EXPECT_EQ(rows("SELECT name, time, value FROM sample JOIN key USING(key_id)"),
            "load 10000000 0.5");
  EXPECT_EQ(rows("SELECT name, judged FROM event"), "seen 1");
}

TEST_F(WriterTest, ADoubledReportChangesNothing) {
  const auto r = received(report(1, 10 * second), {is(Status::ok), fact("k", 1.0)});
  EXPECT_EQ(commit({r, r}).doubled, 1u);
  open();
  const auto again = commit({r, received(report(2, 20 * second), {is(Status::ok)})});
  EXPECT_EQ(again.doubled, 1u);
  EXPECT_EQ(again.accepted, 1u);
  EXPECT_EQ(again.unjudged, 0u);
  EXPECT_EQ(rows("SELECT count(*) FROM observation"), "2");
  EXPECT_EQ(rows("SELECT count(*) FROM fact_observation"), "1");
}

TEST_F(WriterTest, AStateLastsUntilTheNextOne) {
  commit({received(report(1, 10), {is(Status::ok)}), received(report(2, 20), {is(Status::ok)}),
          received(report(3, 30), {is(Status::critical)})});
  open();  // what is remembered is read again
  commit({received(report(4, 40), {is(Status::warning)}),
          received(report(5, 50), {is(Status::ok)})});
  EXPECT_EQ(rows("SELECT since, until, status FROM state ORDER BY since"),
            "10 30 0|30 40 2|40 50 1|50 - 0");
  EXPECT_EQ(rows("SELECT since, until FROM interruption"), "30 50");
}

TEST_F(WriterTest, AReportWithoutStatusIsKnownToItsService) {
  commit({received(report(1, 10), {fact("a", "b")}), received(report(2, 20))});
  EXPECT_EQ(rows("SELECT time, status FROM observation"), "10 -|20 -");
  EXPECT_EQ(rows("SELECT count(*) FROM state"), "0");
}

TEST_F(WriterTest, AnAssertionMayBeAboutAnother) {
  commit({received(report(1, 10),
                   {assertion::Status{"hen", "web", Status::critical, "no answer"},
                    assertion::Fact{"hen", "seen", std::int64_t{1}}})});
  EXPECT_EQ(rows("SELECT h.name, s.name, o.status, o.elsewhere, o.summary FROM observation o "
                 "JOIN service s USING(service_id) JOIN host h USING(host_id) ORDER BY 1"),
            "hen web 2 1 no answer|tux backup - 0 -");
  EXPECT_EQ(rows("SELECT h.name FROM fact JOIN host h USING(host_id)"), "hen");
}

TEST_F(WriterTest, FactsKeepTheirType) {
  commit({received(report(1, 10), {fact("i", std::int64_t{1}), fact("r", 1.0),
                                   fact("t", std::string("1"))})});
  commit({received(report(2, 20), {fact("i", 1.0), fact("r", 1.0), fact("t", std::int64_t{1})})});
  EXPECT_EQ(rows("SELECT k.name, typeof(value), since, until FROM fact JOIN key k USING(key_id) "
                 "ORDER BY k.name, since"),
            "i integer 10 20|i real 20 -|r real 10 -|t text 10 20|t integer 20 -");
}

TEST_F(WriterTest, ACompleteSetEndsTheOthers) {
  const auto set = [](std::vector<std::pair<std::string, FactValue>> facts) {
    return Assertion(assertion::Facts{{}, "package.", std::move(facts)});
  };
  commit({received(report(1, 10), {fact("kernel", "6.1")}),
          received(report(2, 20), {set({{"package.a", "1"}, {"package.b", "1"}})})});
  commit({received(report(3, 30), {set({{"package.a", "1"}, {"package.b", "1"}})}),
          received(report(4, 40), {set({{"package.a", "2"}})})});
  EXPECT_EQ(rows("SELECT k.name, since, until, value FROM fact JOIN key k USING(key_id) "
                 "ORDER BY k.name, since"),
            "kernel 10 - 6.1|package.a 20 40 1|package.a 40 - 2|package.b 20 40 1");
  EXPECT_EQ(rows("SELECT count(*) FROM fact_observation WHERE time = 30"), "0");
  EXPECT_EQ(rows("SELECT count(*) FROM fact_set"), "3");
}

TEST_F(WriterTest, WhatContradictsItselfIsADeadLetterAlone) {
  const auto done = commit(
      {received(report(1, 10), {is(Status::ok), is(Status::critical)}),
       received(report(2, 10), {fact("k", 1.0), fact("k", 2.0)}),
       received(report(3, 10), {fact("k", 1.0), assertion::NoFact{{}, "k"}}),
       received(report(4, 10), {fact("", 1.0)}),
       received(report(5, 10), {fact("k", std::numeric_limits<double>::quiet_NaN())}),
       received(report(6, 10), {assertion::Facts{{}, "p.", {{"q.x", 1.0}}}}),
       received(report(7, 10), {is(Status::ok), is(Status::ok), fact("k", 1.0), fact("k", 1.0)}),
       received(report(8, 10), {assertion::Status{{}, "a\nb", Status::ok, ""}})});
  EXPECT_EQ(done.accepted, 1u);
  EXPECT_EQ(done.refused, 7u);
  EXPECT_EQ(rows("SELECT count(*) FROM report"), "1");
  EXPECT_EQ(rows("SELECT value FROM meta WHERE name = 'reports_refused'"), "7");
  EXPECT_EQ(rows("SELECT reason FROM dead_letter ORDER BY dead_letter_id LIMIT 1"),
            "says two different things of the status of service backup");
  EXPECT_EQ(rows("SELECT count(DISTINCT reason) FROM dead_letter"), "6");
}

TEST_F(WriterTest, DeadLettersAreKeptOnceAndBounded) {
  open({.dead_letter_limit = 3});
  Batch batch;
  for (unsigned i = 0; i < 5; ++i)
    batch.dead_letters.push_back(make_dead_letter("x" + std::to_string(i), "why", i, numbered(i)));
  batch.dead_letters.push_back(make_dead_letter(std::string(100'000, 'y'), "long", 9, numbered(9)));
  ASSERT_TRUE(writer_->commit(batch, 1));
  EXPECT_EQ(rows("SELECT time, reason, length(body), length FROM dead_letter"),
            "3 why 2 2|4 why 2 2|9 long 65536 100000");
  batch.dead_letters.erase(batch.dead_letters.begin(), batch.dead_letters.begin() + 4);
  ASSERT_TRUE(writer_->commit(batch, 1));
  EXPECT_EQ(rows("SELECT count(*) FROM dead_letter"), "3");
  EXPECT_EQ(rows("SELECT value FROM meta WHERE name = 'dead_letters_dropped'"), "3");
}

TEST_F(WriterTest, AReportThatTheStoreCannotTakeCostsItselfOnly) {
  ASSERT_TRUE(writer_->db().exec(
      "CREATE TRIGGER no BEFORE INSERT ON report WHEN NEW.summary = 'number 2' "
      "BEGIN SELECT RAISE(ABORT, 'poison'); END"));
  const auto done = commit({received(report(1, 10), {is(Status::ok)}),
                            received(report(2, 20), {is(Status::ok)}),
                            received(report(3, 30), {is(Status::critical)})});
  EXPECT_EQ(done.accepted, 2u);
  EXPECT_EQ(done.refused, 1u);
  EXPECT_EQ(rows("SELECT reason FROM dead_letter"), "cannot be stored: poison");
  EXPECT_EQ(rows("SELECT since, until, status FROM state ORDER BY since"), "10 30 0|30 - 2");
}

TEST_F(WriterTest, AFullDiskKeepsNothingOfTheBatchAndPassesLater) {
  commit({received(report(1, 10), {is(Status::ok)})});
  ASSERT_TRUE(writer_->db().exec("PRAGMA max_page_count=" + rows("PRAGMA page_count")));
  Batch batch;
  for (unsigned i = 2; i < 500; ++i) {
    auto r = report(i, i * second, "s" + std::to_string(i));
    r.data = to_json_text(Json{{"x", std::string(1000, 'x')}});
    batch.received.push_back(received(r, {is(Status::critical), fact("f", 1.0)}));
  }
  const auto refused = writer_->commit(batch, 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::full);
  EXPECT_EQ(rows("SELECT count(*) FROM report"), "1");
  EXPECT_EQ(rows("SELECT count(*) FROM service"), "1");
  ASSERT_TRUE(writer_->db().exec("PRAGMA max_page_count=1000000"));
  EXPECT_EQ(commit(batch.received).accepted, 498u);
  EXPECT_EQ(rows("SELECT count(*) FROM state"), "499");
  EXPECT_EQ(rows("PRAGMA integrity_check"), "ok");
}

TEST_F(WriterTest, SkewIsKeptWithTheReportAndShownOfTheHost) {
  auto r = report(1, 10);
  r.skew = 400 * second;
  commit({received(r)});
  EXPECT_EQ(rows("SELECT skew FROM host"), "400000000");
  commit({received(report(2, 20))});
  EXPECT_EQ(rows("SELECT skew FROM host"), "0");
  EXPECT_EQ(rows("SELECT skew FROM report ORDER BY report_id"), "400000000|0");
}

TEST_F(WriterTest, ImportedHistoryIsJudgedAlready) {
  auto r = report(1, 10);
  r.imported = true;
  const auto done =
      commit({received(r, {is(Status::critical), assertion::Event{{}, {}, "inform", "{}"}})});
  EXPECT_EQ(done.unjudged, 0u);
  EXPECT_EQ(rows("SELECT judged FROM state UNION ALL SELECT judged FROM event"), "1|1");
  const auto live = commit({received(report(2, 20), {is(Status::ok)}),
                            received(report(3, 30), {assertion::Event{{}, {}, "inform", "{}"}})});
  EXPECT_EQ(live.unjudged, 2u);
}

TEST_F(WriterTest, TheNewestExpectationCounts) {
  const auto expect = [](Micros due) { return Assertion(assertion::Expect{{}, {}, due, 5}); };
  commit({received(report(2, 20), {expect(200)}), received(report(1, 10), {expect(100)}),
          received(report(4, 20), {expect(400)}), received(report(3, 20), {expect(300)})});
  EXPECT_EQ(rows("SELECT due, grace, time FROM expectation"), "400 5 20");
}

TEST_F(WriterTest, TransactIsAllOrNothing) {
  commit({received(report(1, 10), {is(Status::critical)})});
  const Step incident{"INSERT INTO incident(service_id, opened, status) VALUES(?, ?, ?)",
                      {std::int64_t{1}, std::int64_t{10}, std::int64_t{2}}};
  const Step notice{
      "INSERT INTO notice(incident_id, kind, notifier, message, created, due) "
      "VALUES(last_insert_rowid(), 'opened', ?, '{}', 1, 1)",
      {std::string("console")}};
  Step judged{"UPDATE state SET judged = 1 WHERE service_id = 1 AND since = ? AND judged = 0",
              {std::int64_t{10}}};
  const auto done = writer_->transact({incident, notice, judged});
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ((*done)[2], 1);
  EXPECT_FALSE(writer_->transact({incident})) << "an open incident is the only one";
  EXPECT_EQ(writer_->transact({{"SELECT 1", {std::int64_t{1}}}}).error().code,
            ErrorCode::invalid);
}

TEST_F(WriterTest, AStoreIsRefusedThatANewerProgramWrote) {
  ASSERT_TRUE(writer_->db().set_user_version(99));
  writer_.reset();
  const auto refused = Writer::open(path_, random_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
  const auto text = refused.error().text();
  EXPECT_NE(text.find("schema 99"), std::string::npos) << text;
  EXPECT_NE(text.find("up to " + std::to_string(schema_version)), std::string::npos) << text;
  EXPECT_NE(text.find(path_), std::string::npos) << text;
}

TEST_F(WriterTest, EachStoreHasAUuidThatStays) {
  const auto uuid = *store_uuid(writer_->db());
  EXPECT_TRUE(parse_uuid(uuid));
  open();
  EXPECT_EQ(*store_uuid(writer_->db()), uuid);
}

}  // namespace
}  // namespace sheepdog
