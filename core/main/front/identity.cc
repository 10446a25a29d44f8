// identity.cc -- who and where we are.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/front/identity.hh"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdio>
#include <memory>
#include <vector>

namespace sheepdog {

std::string user_name() {
  const auto uid = geteuid();
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  // The file itself first: asking the name service loads libraries for that.
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/etc/passwd", "re"),
                                                             std::fclose);
  while (file && fgetpwent_r(file.get(), &entry, buffer.data(), buffer.size(), &found) == 0)
    if (found->pw_uid == uid) return found->pw_name;
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found)
    return found->pw_name;
  return std::to_string(uid);
}

std::string working_directory() {
  std::array<char, PATH_MAX> path{};
  return getcwd(path.data(), path.size()) ? path.data() : "";
}

}  // namespace sheepdog
