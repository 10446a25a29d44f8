// sheepdog_manual.cc -- at build time: write man pages and completions to a directory.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "main/manual/manual.hh"

namespace {

namespace fs = std::filesystem;
using namespace sheepdog::cli;

bool write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) fmt::print(stderr, "{}: cannot be written\n", path.string());
  return static_cast<bool>(file);
}

bool write_all(const fs::path& directory) {
  bool good = true;
  for (const auto* program : all_programs()) {
    const auto man = directory / fmt::format("man/man{}", program->section);
    const auto page = [&](const std::string& name, const std::string& text) {
      good = write(man / fmt::format("{}.{}", name, program->section), text) && good;
    };
    page(std::string(program->name), man_page(*program));
    if (program->has_subcommands())
      for (const auto& entry : program->commands)
        page(fmt::format("{}-{}", program->name, entry.name), man_page(*program, entry.declare()));
    const auto name = std::string(program->name);
    good = write(directory / "bash-completion/completions" / name, bash_completion(*program)) && good;
    good = write(directory / "zsh/site-functions" / ("_" + name), zsh_completion(*program)) && good;
    good = write(directory / "fish/vendor_completions.d" / (name + ".fish"),
                 fish_completion(*program)) && good;
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: sheepdog-manual DIRECTORY\n");
    return 2;
  }
  return write_all(argv[1]) ? 0 : 1;
}
