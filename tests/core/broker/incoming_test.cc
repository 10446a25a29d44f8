// incoming_test.cc -- files that waited are collected once, as their owner's, and no trick works.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/incoming.hh"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "support.hh"
#include "manual_clock.hh"

namespace sheepdog {
namespace {

using testing::Answer;
using testing::PrivateDirectory;
using testing::report_of;

class IncomingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options.directory = directory / "incoming";
    options.host = "here";
    options.everyone = true;
    open();
  }
  void open() {
    incoming.reset();
    if (!spool) {
      auto opened = Spool::open(loop, clock, {directory / "spool.db", "here"});
      ASSERT_TRUE(opened);
      spool = *std::move(opened);
    }
    auto opened = Incoming::open(loop, clock, *spool, options);
    ASSERT_TRUE(opened) << opened.error().text();
    incoming = *std::move(opened);
  }
  std::string put(const std::string& name, const std::string& text, mode_t mode = 0600) {
    const auto path = options.directory + "/" + name;
    const auto wrote = write_durably(path, text, 0600);
    EXPECT_TRUE(wrote) << wrote.error().text();
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }
  std::size_t collect() {
    Answer<Result<std::size_t>> answer;
    incoming->collect(answer.call());
    const auto result = answer.wait(loop);
    EXPECT_TRUE(result);
    return result.value_or(0u);
  }
  std::vector<Entry> spooled() {
    Answer<Result<std::vector<Entry>>> answer;
    spool->take(0, 100000, 1 << 30, answer.call());
    return *answer.wait(loop);
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(options.directory), {}));
  }

  PrivateDirectory directory;
  IncomingOptions options;
  Loop loop;
  testing::ManualClock clock{1'700'000'000 * micros_per_second};
  std::unique_ptr<Spool> spool;
  std::unique_ptr<Incoming> incoming;
};

TEST_F(IncomingTest, FilesGoInOrderAndOnce) {
  const auto a = report_of("a");
  const auto b = report_of("b");
  put("2.json", to_wire(b) + "\n");
  put("1.json", to_wire(a));
  EXPECT_EQ(collect(), 2u);
  EXPECT_EQ(files(), 0u);
  const auto all = spooled();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(parse_report(all[0].body, "", clock.now())->id, a.id);
  EXPECT_EQ(parse_report(all[1].body, "", clock.now())->id, b.id);
  EXPECT_EQ(collect(), 0u);
  struct stat status {};
  ASSERT_EQ(stat(options.directory.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 01733u);
}

TEST_F(IncomingTest, AFileMayHoldOneReportALine) {
  std::string text;
  for (int i = 0; i < 3; ++i) text += to_wire(report_of("service" + std::to_string(i))) + "\n";
  put("a.jsonl", text + "nonsense\n");
  clock.advance(5 * micros_per_second);
  EXPECT_EQ(collect(), 4U);
  const auto entries = spooled();
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_NE(entries[2].body.find("service2"), std::string::npos);
  EXPECT_EQ(files(), 0U);

  put("b.jsonl", std::string(10'000, '\n') + "x");
  clock.advance(5 * micros_per_second);
  EXPECT_EQ(collect(), 1U) << "too many lines are one dead letter";
}

TEST_F(IncomingTest, ACrashBeforeTheFileIsDeletedDoublesNothing) {
  // The same file twice has the same id, also where the sender gave none.
  put("a.json", "{\"service\":\"a\"}");
  EXPECT_EQ(collect(), 1u);
  put("a.json", "{\"service\":\"a\"}");
  EXPECT_EQ(collect(), 1u);
  const auto all = spooled();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(parse_report(all[0].body, "", clock.now())->id,
            parse_report(all[1].body, "", clock.now())->id);
}

TEST_F(IncomingTest, TheOwnerOfTheFileIsWhoReports) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  Report claimed = report_of("a");
  claimed.uid = 0;
  claimed.host = "here";
  const auto path = put("a.json", to_wire(claimed));
  ASSERT_EQ(chown(path.c_str(), 65534, 65534), 0);
  EXPECT_EQ(collect(), 1u);
  const auto report = *parse_report(spooled().at(0).body, "", clock.now());
  EXPECT_EQ(report.uid, 65534u);
  EXPECT_EQ(report.host, "here");
  EXPECT_EQ(spool->held_by(65534) > 0, true);

  claimed.host = "another";
  const auto other = put("b.json", to_wire(claimed));
  ASSERT_EQ(chown(other.c_str(), 65534, 65534), 0);
  clock.advance(5 * micros_per_second);
  EXPECT_EQ(collect(), 1u);
  EXPECT_EQ(spooled().at(1).fault,
            "only root may report for another host than here, not user 65534");
}

TEST_F(IncomingTest, LinksAndOddThingsAreNeverRead) {
  const auto secret = directory / "secret";
  std::ofstream(secret) << "{\"service\":\"secret\"}";
  ASSERT_EQ(symlink(secret.c_str(), (options.directory + "/a.json").c_str()), 0);
  ASSERT_EQ(link(secret.c_str(), (options.directory + "/b.json").c_str()), 0);
  ASSERT_EQ(mkfifo((options.directory + "/c.json").c_str(), 0600), 0);
  ASSERT_EQ(mkdir((options.directory + "/d.json").c_str(), 0700), 0);
  ASSERT_EQ(mkdir((options.directory + "/e.json").c_str(), 0700), 0);
  std::ofstream(options.directory + "/e.json/full");
  const auto good = report_of("good");
  put("f.json", to_wire(good));
  EXPECT_EQ(collect(), 5u);
  const auto all = spooled();
  ASSERT_EQ(all.size(), 5u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(all[i].body, "");
    EXPECT_NE(all[i].fault.find("not a file with one name"), std::string::npos);
  }
  EXPECT_EQ(parse_report(all[4].body, "", clock.now())->id, good.id);
  EXPECT_TRUE(std::filesystem::exists(secret));
  EXPECT_EQ(files(), 1u) << "a directory that is not empty stays and is passed over";
  EXPECT_EQ(collect(), 0u);
}

TEST_F(IncomingTest, BadFilesBecomeDeadLetters) {
  put("a.json", "nonsense");
  put("b.json", std::string(2 << 20, 'x'));
  put("c.json", to_wire(report_of("c")), 0666);
  put("d.json", to_wire(report_of("d")));
  EXPECT_EQ(collect(), 4u);
  EXPECT_EQ(files(), 0u);
  const auto all = spooled();
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].body, "nonsense");
  EXPECT_NE(all[0].fault, "");
  EXPECT_EQ(all[1].body.size(), dead_letter_limit);
  EXPECT_NE(all[1].fault.find("2097152 bytes"), std::string::npos);
  EXPECT_NE(all[2].fault.find("may write"), std::string::npos);
  EXPECT_EQ(all[3].fault, "");
}

TEST_F(IncomingTest, AFileThatIsStillWrittenIsLeftForLater) {
  put("a.json", "{\"service\":");
  put(".b.json.123", to_wire(report_of("b")));
  SystemClock system;
  clock.advance(system.now() - clock.now() + 100'000);
  EXPECT_EQ(collect(), 0u);
  put("a.json", "{\"service\":\"a\"}");
  EXPECT_EQ(collect(), 1u);
  EXPECT_EQ(files(), 1u);
}

TEST_F(IncomingTest, APassTakesSoMuchOfAnOwnerAndTheNextTheRest) {
  options.files_of_owner = 10;
  open();
  for (int i = 0; i < 35; ++i) put("f" + std::to_string(100 + i), to_wire(report_of("a")));
  EXPECT_EQ(collect(), 35u);
  EXPECT_EQ(files(), 0u);
}

TEST_F(IncomingTest, NobodysFilesStandBeforeAnothers) {
  // A pass reads few names; most are begun files, or more than their owner may have collected.
  options.names = 10;
  options.files_of_owner = 2;
  open();
  for (int i = 0; i < 40; ++i) put(".begun" + std::to_string(i), "");
  const bool root = geteuid() == 0;
  for (int i = 0; i < 40 && root; ++i)
    ASSERT_EQ(chown(put(std::to_string(i) + ".json", "{\"service\":\"a\"}").c_str(), 65534, 65534), 0);
  for (int i = 0; i < 3; ++i) put("own" + std::to_string(i) + ".json", to_wire(report_of("own")));
  collect();
  std::size_t own = 0;
  for (const auto& entry : spooled()) own += entry.body.find("\"own\"") != std::string::npos;
  EXPECT_EQ(own, 3u);
}

TEST_F(IncomingTest, ADirectoryOfSomebodyElseIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  ASSERT_EQ(chown(options.directory.c_str(), 65534, 65534), 0);
  const auto opened = Incoming::open(loop, clock, *spool, options);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::denied);
}

TEST_F(IncomingTest, MayBeDestroyedWhileItLooks) {
  put("a.json", to_wire(report_of("a")));
  incoming->collect([](const auto&) { ADD_FAILURE(); });
  incoming.reset();
  spool.reset();
  loop.run_once(false);
  EXPECT_EQ(loop.open_handles(), 0);
}

}  // namespace
}  // namespace sheepdog
