// run_test.cc -- what run was asked, and what it tells; the runs themselves are in tests/e2e.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "base/text.hh"
#include "main/front/held_output.hh"
#include "main/front/progress.hh"
#include "main/front/run_lock.hh"
#include "main/front/run_options.hh"
#include "main/front/run_report.hh"
#include "main/front/send.hh"

namespace sheepdog {
namespace {

using Words = std::vector<std::string>;

cli::Parsed parsed(const Words& words) {
  auto p = cli::parse(cli::sheepdog_program(), words);
  EXPECT_TRUE(p) << p.error().text();
  return p ? *p : cli::Parsed{};
}

RunOptions options(Words words) {
  words.insert(words.begin(), "run");
  auto o = run_options(parsed(words));
  EXPECT_TRUE(o) << o.error().text();
  return o ? *o : RunOptions{};
}

std::string mistake(Words words) {
  words.insert(words.begin(), "run");
  auto o = run_options(parsed(words));
  EXPECT_FALSE(o);
  return o ? "" : o.error().text();
}

TEST(RunOptions, TheServiceIsTheCommandsBaseName) {
  EXPECT_EQ(options({"--", "/usr/bin/borg", "create"}).service, "borg");
  EXPECT_EQ(options({"--", "./"}).service, ".");
  EXPECT_EQ(options({"--", "/"}).service, "/");
  EXPECT_EQ(options({"--", "a\nb"}).service, "command");
  EXPECT_EQ(options({"-s", "nightly", "--", "borg"}).service, "nightly");
}

TEST(RunOptions, AScriptIsNamedAfterItsProgram) {
  EXPECT_EQ(program_of("borg create /"), "borg");
  EXPECT_EQ(program_of("  /usr/bin/borg create"), "borg");
  EXPECT_EQ(program_of("PASSPHRASE=secret LANG=C borg create"), "borg");
  EXPECT_EQ(program_of("PASSPHRASE='my secret' borg"), "sh") << "never a piece of a secret";
  EXPECT_EQ(program_of("$PROGRAM x"), "sh");
  EXPECT_EQ(program_of("(cd /; ls)"), "sh");
  EXPECT_EQ(program_of(""), "sh");
  const auto o = options({"-e", "borg create"});
  EXPECT_EQ(o.argv, (Words{"/bin/sh", "-c", "borg create"}));
  EXPECT_EQ(o.service, "borg");
}

TEST(RunOptions, ListsOfStatuses) {
  const auto o = options({"--ok", "24,3", "--warning", "1,0", "true"});
  EXPECT_EQ(o.ok, (std::set<int>{3, 24})) << "0 was made a warning";
  EXPECT_EQ(o.warning, (std::set<int>{0, 1}));
  EXPECT_EQ(options({"true"}).ok, std::set<int>{0});
}

TEST(RunOptions, TheLockHasTheServicesName) {
  EXPECT_EQ(options({"--lock", "--", "borg"}).lock, "borg");
  EXPECT_EQ(options({"--lock=db", "--", "borg"}).lock, "db");
  EXPECT_FALSE(options({"--", "borg"}).lock);
}

TEST(RunOptions, MistakesSayWhatWouldBeRight) {
  EXPECT_EQ(mistake({}), "sheepdog run: what shall be run? Write sheepdog run -- COMMAND ARG...");
  EXPECT_EQ(mistake({"-e", "a", "--", "b"}),
            "sheepdog run: either -e CMD or -- COMMAND, not both (\"b\")");
  EXPECT_EQ(mistake({"--ok", "1,,2", "true"}),
            "sheepdog run: --ok: \"\" is not an exit status; write numbers from 0 to 255 with commas between "
            "them, as in 1,24");
  EXPECT_TRUE(mistake({"--warning", "256", "true"})
                  .starts_with("sheepdog run: --warning: \"256\" is not an exit status; "));
  EXPECT_EQ(mistake({"--ok", "1,2", "--warning", "2", "true"}),
            "sheepdog run: --ok and --warning contradict each other about 2; name it in one of "
            "them");
  EXPECT_EQ(mistake({"--overlap", "wait", "true"}),
            "sheepdog run: --overlap says what to do while another run holds the lock: add --lock");
  EXPECT_EQ(mistake({"--timeout", "0", "true"}),
            "sheepdog run: --timeout: \"0\" would leave no time; leave the option out for no limit");
  const auto redact = mistake({"--redact", "(", "true"});
  EXPECT_TRUE(redact.starts_with("sheepdog run: --redact: \"(\": Unmatched ")) << redact;
  EXPECT_TRUE(redact.ends_with("; write an extended regular expression, as in password=\\w+"));
}

TEST(RunOptions, ANameThatCannotBeOneIsRefused) {
  const std::string right = "; a name has 1 to 255 bytes of UTF-8 and no control characters";
  EXPECT_EQ(mistake({"--service", "", "true"}),
            "sheepdog run: --service: \"\" is empty" + right);
  EXPECT_EQ(mistake({"--service", "a/b", "true"}),
            "sheepdog run: --service: \"a/b\" reads as HOST/SERVICE; write the service alone");
  EXPECT_EQ(options({"--service", "disk /home", "true"}).service, "disk /home");
  EXPECT_EQ(options({"--service", "/home", "true"}).service, "/home");
  EXPECT_EQ(mistake({"--service", "a\nb", "true"}),
            "sheepdog run: --service: \"a\\nb\" has a control character" + right);
}

TEST(RunOptions, AnAddressThatCanNeverBeOneIsRefused) {
  for (const char* address : {"rediss://h", "http://h", "h:0", "h:65536", "h:x", ""}) {
    const auto message = mistake({"-H", address, "true"});
    EXPECT_TRUE(message.starts_with("sheepdog run: -H: broker address: ")) << message;
    EXPECT_NE(message.find("redis://"), message.npos) << message;
  }
  EXPECT_EQ(mistake({"-H", "h:secret", "true"}).find("secret"), std::string::npos);
  EXPECT_EQ(options({"-H", "no-such-host.invalid", "true"}).broker, "no-such-host.invalid");
}

RunOutput wrote(std::string_view bytes) {
  RunOutput output;
  output.capture.add(bytes);
  output.bytes = bytes.size();
  return output;
}

TEST(RunReport, OutputIsTextWhereItIsUtf8) {
  EXPECT_EQ(output_json(wrote("h\u00e9llo\n")),
            (Json{{"text", "h\u00e9llo\n"}, {"bytes", 7}, {"omitted", 0}}));
  EXPECT_EQ(output_json(wrote("\xff\xfe")),
            (Json{{"base64", "//4="}, {"bytes", 2}, {"omitted", 0}}));
  EXPECT_EQ(output_json(wrote("")), (Json{{"text", ""}, {"bytes", 0}, {"omitted", 0}}));
}

TEST(RunReport, WhatIsLeftOutIsCounted) {
  std::string text;
  while (text.size() < 100'000) text += std::to_string(text.size()) + "\n";
  const auto json = output_json(wrote(text));
  EXPECT_EQ(json["text"], text.substr(0, 2048) + text.substr(text.size() - 14336));
  EXPECT_EQ(json["bytes"], text.size());
  EXPECT_EQ(json["omitted"], text.size() - 16384);
  EXPECT_EQ(json["gap"], 2048);
}

TEST(RunReport, ACutThroughACharacterLeavesItOut) {
  for (const std::string character : {"\u00e9", "\u20ac", "\U0001f415"}) {
    for (std::size_t shift = 0; shift < character.size(); ++shift) {
      std::string text(shift, 'a');
      while (text.size() < 40'000) text += character;
      const auto json = output_json(wrote(text));
      ASSERT_TRUE(json.contains("text")) << shift;
      const auto kept = json["text"].get<std::string>();
      EXPECT_TRUE(is_utf8(kept));
      EXPECT_EQ(kept.size() + json["omitted"].get<std::size_t>(), text.size());
      EXPECT_EQ(json["gap"], shift + (2048 - shift) / character.size());
    }
  }
}

TEST(RunReport, SummariesSayHowItEnded) {
  RunResult r;
  r.last.emplace();
  r.attempts = 1;
  r.duration = 62 * micros_per_second;
  EXPECT_EQ(run_summary(r, "noise"), "succeeded in 1m 2s");
  r.attempts = 3;
  EXPECT_EQ(run_summary(r, ""), "succeeded in 1m 2s, attempt 3");

  r.outcome = RunOutcome::failed;
  r.status = Status::critical;
  r.last->exit_status = 3;
  r.attempts = 1;
  EXPECT_EQ(run_summary(r, "a\n\x1b[1mdisk\tfull \r\n \n"), "exit 3 after 1m 2s: [1mdisk full");
  EXPECT_EQ(run_summary(r, ""), "exit 3 after 1m 2s");
  const auto cut = run_summary(r, std::string(199, 'x') + "\u00e9 and more");
  EXPECT_EQ(cut, "exit 3 after 1m 2s: " + std::string(199, 'x') + "...");

  r.last->how = ChildEnd::How::signalled;
  r.last->signal = SIGKILL;
  EXPECT_EQ(run_summary(r, ""), "signal 9 (Killed) after 1m 2s");
  r.last->timed_out = true;
  EXPECT_EQ(run_summary(r, ""), "timed out after 1m 2s");
  r.last->timed_out = false;
  r.outcome = RunOutcome::cancelled;
  r.status = Status::unknown;
  r.cancel_signal = SIGTERM;
  EXPECT_EQ(run_summary(r, ""), "cancelled by SIGTERM after 1m 2s");
  r.last->how = ChildEnd::How::not_started;
  r.cancel_signal = 0;
  r.outcome = RunOutcome::failed;
  r.last->fault = {ENOENT, "borg", true};
  EXPECT_EQ(run_summary(r, ""), "could not be started: borg: No such file or directory");
}

TEST(RunReport, TheEndCarriesWhatIsKnown) {
  RunIdentity id;
  id.service = "s";
  id.argv = {"borg", "create"};
  id.user = "root";
  id.directory = "/";
  id.inform = "ops";
  id.started = 1'500'000;
  RunResult r;
  r.last.emplace();
  r.last->exit_status = 1;
  r.status = Status::warning;
  r.attempts = 2;
  r.duration = 2'500'000;
  r.peak_memory = 4096;
  const auto out = wrote("o"), err = wrote("e");
  const auto report = end_report(id, r, &out, &err);
  EXPECT_EQ(report.plugin, "run");
  EXPECT_EQ(report.status, Status::warning);
  EXPECT_EQ(data_of(report)["phase"], "end");
  EXPECT_EQ(data_of(report)["outcome"], "succeeded");
  EXPECT_EQ(data_of(report)["argv"], (Json{"borg", "create"}));
  EXPECT_EQ(data_of(report)["started"], 1.5);
  EXPECT_EQ(data_of(report)["duration"], 2.5);
  EXPECT_EQ(data_of(report)["exit"], 1);
  EXPECT_FALSE(data_of(report).contains("signal"));
  EXPECT_EQ(data_of(report)["attempts"], 2);
  EXPECT_EQ(data_of(report)["inform"], "ops");
  EXPECT_EQ(data_of(report)["stderr"]["text"], "e");
  EXPECT_FALSE(data_of(end_report(id, r, nullptr, nullptr)).contains("stdout"));

  const auto start = open_report(id, "start", 180);
  EXPECT_EQ(data_of(start)["lease"], 180);
  EXPECT_EQ(data_of(start)["inform"], "ops");
  EXPECT_FALSE(data_of(open_report(id, "start", std::nullopt)).contains("lease"));
}

TEST(RunReport, AnEndlessCommandLineStaysAReport) {
  RunIdentity id;
  id.argv.assign(100'000, "argument");
  const auto report = open_report(id, "start", std::nullopt);
  EXPECT_LT(to_wire(report).size(), 200'000U);
  EXPECT_EQ(data_of(report)["argv"].back(), "[91808 arguments left out]");
  id.argv = {std::string(2'000'000, 'x')};
  EXPECT_LT(to_wire(open_report(id, "start", std::nullopt)).size(), 200'000U);
}

TEST(HeldOutput, GivesBackAllInOrder) {
  HeldOutput held;
  std::string out, err, expected_out, expected_err;
  for (int i = 0; i < 3000; ++i) {
    const std::string bytes(1000, static_cast<char>('a' + i % 26));
    (i % 3 ? expected_out : expected_err) += bytes;
    ASSERT_TRUE(held.add(i % 3 ? Output::out : Output::err, bytes));
  }
  for (auto piece = held.next(); !piece.bytes.empty(); piece = held.next())
    (piece.which == Output::out ? out : err) += piece.bytes;
  EXPECT_TRUE(out == expected_out);
  EXPECT_TRUE(err == expected_err);
}

class Directory : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(mkdtemp(path_.data())); }
  void TearDown() override { std::filesystem::remove_all(path_); }
  std::string path_ = "/tmp/sheepdog-run-XXXXXX";
};

TEST_F(Directory, ALockIsHeldOnce) {
  auto a = RunLock::open(path_ + "/locks", "a/b");
  auto b = RunLock::open(path_ + "/locks", "a/b");
  auto other = RunLock::open(path_ + "/locks", "a%2fb");
  ASSERT_TRUE(a && b && other);
  EXPECT_TRUE(*a->take());
  EXPECT_FALSE(*b->take());
  EXPECT_TRUE(*other->take()) << "two names, two locks";
  const Fd command(dup(a->fd()));
  a->release();
  EXPECT_TRUE(*b->take()) << "free although somebody has the descriptor still";
  EXPECT_TRUE(RunLock::open(path_, std::string(300, '/')));
  EXPECT_FALSE(RunLock::open("/proc/none", "x"));
}

std::vector<Report> sent(Words words) {
  words.insert(words.begin(), "send");
  auto reports = reports_to_send(parsed(words), 5);
  EXPECT_TRUE(reports) << reports.error().text();
  return reports ? *reports : std::vector<Report>();
}

TEST(Send, AStatusIsAMessage) {
  const auto r = sent({"--service", "raid", "--status", "warning", "--summary", "one disk",
                       "--data", "{\"missing\": 1}", "--host", "h"});
  ASSERT_EQ(r.size(), 1U);
  EXPECT_EQ(r[0].plugin, "message");
  EXPECT_EQ(r[0].host, "h");
  EXPECT_EQ(r[0].service, "raid");
  EXPECT_EQ(r[0].status, Status::warning);
  EXPECT_EQ(data_of(r[0])["missing"], 1);
  EXPECT_EQ(sent({"-s", "x", "--status", "2"})[0].status, Status::critical);
}

TEST(Send, FactsAreAReportOfTheirOwn) {
  auto r = sent({"--fact", "nginx.version=1.20", "--fact", "disks=4", "--fact", "eq=a=b",
                 "--fact", "up=true", "--fact", "down=false", "--fact", "True=True"});
  ASSERT_EQ(r.size(), 1U);
  EXPECT_EQ(r[0].plugin, "fact");
  EXPECT_EQ(data_of(r[0]), (Json{{"nginx.version", "1.20"},
                             {"disks", 4},
                             {"eq", "a=b"},
                             {"up", true},
                             {"down", false},
                             {"True", "True"}}));
  EXPECT_EQ(r[0].status, Status::unknown);
  r = sent({"--fact", "a=1", "--service", "s", "--status", "ok"});
  ASSERT_EQ(r.size(), 2U);
  EXPECT_EQ(r[0].plugin, "message");
  EXPECT_EQ(r[1].plugin, "fact");
}

TEST(Send, MistakesSayWhatWouldBeRight) {
  const auto wrong = [](Words words) {
    words.insert(words.begin(), "send");
    const auto reports = reports_to_send(parsed(words), 5);
    EXPECT_FALSE(reports);
    return reports ? "" : reports.error().text();
  };
  EXPECT_EQ(wrong({"--status", "ok"}), "sheepdog send: which service? Add --service NAME");
  EXPECT_EQ(wrong({"--fact", "x"}), "sheepdog send: --fact: \"x\" is not KEY=VALUE; write it as in rack=7");
  EXPECT_EQ(wrong({"-s", "x", "--data", "[1]"}),
            "sheepdog send: --data: \"[1]\" is not a JSON object; write a JSON object, as in "
            "'{\"size\": 1}'");
  EXPECT_EQ(wrong({"-s", "x", "--data", "{"}),
            "sheepdog send: --data: \"{\" is not JSON: wrong at byte 2; write a JSON object, as in "
            "'{\"size\": 1}'");
  EXPECT_EQ(wrong({"-s", "x", "--summary", "a\nb"}),
            "sheepdog send: --summary: \"a\\nb\" is more than one line; put more into --data");
  for (const char* option : {"--service", "--host", "--plugin"})
    for (const char* name : {"", "a\tb"})
      EXPECT_TRUE(wrong({"-s", "x", option, name})
                      .starts_with(std::string("sheepdog send: ") + option + ": "));
  EXPECT_EQ(wrong({"-s", "web1/nginx"}),
            "sheepdog send: --service: \"web1/nginx\" reads as HOST/SERVICE; write the service alone "
            "and the host with --host");
  EXPECT_EQ(wrong({"-s", "x", "--host", "a b/c"}),
            "sheepdog send: --host: \"a b/c\" has a slash, which ends a host's name; write the host "
            "alone");
  EXPECT_TRUE(wrong({"-s", "x", "-H", "rediss://h"}).starts_with("sheepdog send: -H: "));
  EXPECT_TRUE(wrong({"-s", "x", "--data", "{\"a\":\"" + std::string(1 << 20, 'x') + "\"}"})
                  .starts_with("sheepdog send: the report would have "));
}

TEST(Progress, SaysHowFar) {
  EXPECT_EQ(Progress::line(50, 100, 10, "reports", 2 * micros_per_second),
            "[###############---------------]  50 %  10 reports  5/s");
  EXPECT_EQ(Progress::line(50, 0, 10, "reports", 0), "10 reports  0/s");
  EXPECT_EQ(Progress::line(200, 100, 1, "reports", micros_per_second).substr(30, 8), "#] 100 %");
}

}  // namespace
}  // namespace sheepdog
