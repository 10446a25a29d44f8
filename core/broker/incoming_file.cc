// incoming_file.cc -- leaves reports in one durable file.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/incoming_file.hh"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/file.hh"

namespace sheepdog {

namespace {

Result<> make(const IncomingDirectory& directory) {
  if (::access(directory.path.c_str(), F_OK) == 0) return {};
  if (directory.named) {
    const auto herd = std::filesystem::path(directory.path).parent_path();
    const auto place = herd.parent_path();
    if (::access(place.c_str(), F_OK) != 0)
      return Error{ErrorCode::not_found, fmt::format("there is no directory {}", place.string()),
                   herd.string()};
  }
  if (!directory.everyone) return make_directories(directory.path, 0700);
  if (::geteuid() != 0) return errno_error(ENOENT, directory.path);
  if (auto made = make_directories(directory.path, 0755); !made) return made;
  if (::chmod(directory.path.c_str(), 01733) != 0) return errno_error(errno, directory.path);
  return {};
}

}  // namespace

Result<std::string> leave_reports(const std::vector<IncomingDirectory>& directories,
                                  const std::string& name, std::string_view text) {
  Result<std::string> last = Error{ErrorCode::not_found, "no directory to leave it in", ""};
  for (const auto& directory : directories) {
    auto written = make(directory);
    if (written) written = write_durably(directory.path + "/" + name, text, 0600);
    if (written) return directory.path;
    last = written.error();
  }
  return last;
}

}  // namespace sheepdog
