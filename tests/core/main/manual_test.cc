// manual_test.cc -- the manual and the completions know every command and option.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/manual/manual.hh"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/file.hh"

namespace sheepdog::cli {
namespace {

std::string escaped_dashes(std::string_view name) {
  std::string out = "\\-\\-";
  for (const char c : name) out += c == '-' ? std::string("\\-") : std::string(1, c);
  return out;
}

TEST(Manual, KnowsEveryOption) {
  for (const auto* program : all_programs()) {
    const auto overview = man_page(*program);
    for (const auto& entry : program->commands) {
      const auto command = entry.declare();
      const auto page = man_page(*program, command);
      for (const auto& option : command.options)
        EXPECT_NE(page.find(escaped_dashes(option.name)), page.npos) << option.name;
      EXPECT_NE(overview.find(command.summary.substr(0, 8)), overview.npos) << entry.name;
    }
  }
}

TEST(Manual, NoLineOfTextIsTakenForARequest) {
  Command command = all_programs()[0]->commands[0].declare();
  command.description = ".so /etc/passwd\n'quoted\\n";
  const auto page = man_page(sheepdog_program(), command);
  EXPECT_NE(page.find("\n\\&.so"), page.npos);
  EXPECT_NE(page.find("\n\\&'quoted\\en"), page.npos);
}

TEST(Completion, KnowsEveryOptionInEveryShell) {
  for (const auto* program : all_programs()) {
    const auto bash = bash_completion(*program);
    const auto zsh = zsh_completion(*program);
    const auto fish = fish_completion(*program);
    for (const auto& entry : program->commands) {
      for (const auto& option : entry.declare().options) {
        SCOPED_TRACE(fmt::format("{} --{}", entry.name, option.name));
        EXPECT_NE(bash.find(fmt::format("--{}", option.name)), bash.npos);
        EXPECT_NE(zsh.find(fmt::format("--{}", option.name)), zsh.npos);
        EXPECT_NE(fish.find(fmt::format(" -l {}", option.name)), fish.npos);
      }
    }
  }
}

/// What bash would offer for the words of LINE, the last being completed.
std::string offered(const std::string& line) {
  char path[] = "/tmp/sheepdog-completion-XXXXXX";
  const Fd file(mkstemp(path));
  EXPECT_TRUE(write_all(file.get(), bash_completion(sheepdog_program()) +
                                        "sheepdog() { case \"$*\" in 'query --list') printf '%s\\n' "
                                        "'name asks' 'broken-now What?' 'backups-missing Which?' ;; "
                                        "'query --relations') printf '%s\\n' 'What the store knows' "
                                        "'  (hosto host)   HOST is.' '  (today)  A time.' '  succeed   Holds.' "
                                        "'' 'Times' ;; esac; }\n"));
  const auto script = fmt::format(
      "bash -c '. {}; COMP_WORDS=({}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _sheepdog; "
      "echo -n ${{COMPREPLY[*]}}'",
      path, line);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(script.c_str(), "r"), pclose);
  std::array<char, 4096> buffer{};
  const auto n = std::fread(buffer.data(), 1, buffer.size(), pipe.get());
  std::remove(path);
  return {buffer.data(), n};
}

TEST(Completion, BashOffersWhatFits) {
  if (std::system("command -v bash >/dev/null") != 0) GTEST_SKIP() << "no bash";
  EXPECT_EQ(offered("sheepdog sta"), "status");
  EXPECT_EQ(offered("sheepdog hel"), "help");
  EXPECT_EQ(offered("sheepdog help doc"), "doctor");
  EXPECT_EQ(offered("sheepdog run --ti"), "--timeout");
  EXPECT_EQ(offered("sheepdog run --overlap \"\""), "skip wait fail");
  EXPECT_EQ(offered("sheepdog -q --ti"), "--timeout") << "the short form is run";
  EXPECT_EQ(offered("sheepdog send --ti"), "");
  EXPECT_EQ(offered("sheepdog query --json bro"), "broken-now");
  EXPECT_EQ(offered("sheepdog query \"\""), "broken-now backups-missing");
  EXPECT_EQ(offered("sheepdog query --relations \"\""), "hosto today succeed");
  EXPECT_EQ(offered("sheepdog query --relations ho"), "hosto");
  EXPECT_EQ(offered("sheepdog query -r --json to"), "today");
  EXPECT_EQ(offered("sheepdog query --js"), "--json");
  EXPECT_EQ(offered("sheepdog check /etc/nsswitch.c"), "/etc/nsswitch.conf");
}

}  // namespace
}  // namespace sheepdog::cli
