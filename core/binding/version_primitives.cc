// version_primitives.cc -- the libraries that this program runs with.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "binding/convert.hh"
#include "binding/core.hh"
#include "broker/redis_connection.hh"
#include "sqlite/db.hh"

namespace sheepdog::binding {

namespace {

// (%library-versions) -> alist of names to versions
SCM library_versions() {
  SCM versions = SCM_EOL;
  work("%library-versions", [&]() -> Result<> {
    const std::pair<std::string_view, std::string> all[] = {
        {"hiredis", redis_library_version()},
        {"libuv", std::string(loop_library_version())},
        {"SQLite", std::string(sqlite_library_version())}};
    for (const auto& [name, version] : all)
      versions = scm_acons(to_scm(name), to_scm(std::string_view(version)), versions);
    return {};
  });
  return versions;
}

}  // namespace

void define_version_primitives() {
  define("%library-versions", 0, reinterpret_cast<void*>(library_versions));
}

}  // namespace sheepdog::binding
