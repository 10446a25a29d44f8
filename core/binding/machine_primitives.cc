// machine_primitives.cc -- what Guile cannot ask the kernel itself.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/statvfs.h>

#include <cerrno>

#include "binding/convert.hh"
#include "binding/core.hh"

namespace sheepdog::binding {

namespace {

// (%statvfs path) -> #(bytes bytes-free bytes-available inodes inodes-free)
SCM statvfs_of(SCM path) {
  expect_argument(scm_is_string(path), "%statvfs", 1, path, "string");
  struct statvfs info = {};
  work("%statvfs", [&]() -> Result<> {
    const auto name = to_string(path);
    if (::statvfs(name.c_str(), &info) != 0) return errno_error(errno, name);
    return {};
  });
  const auto block = static_cast<std::uint64_t>(info.f_frsize);
  return scm_vector(scm_list_5(
      scm_from_uint64(block * info.f_blocks), scm_from_uint64(block * info.f_bfree),
      scm_from_uint64(block * info.f_bavail), scm_from_uint64(info.f_files),
      scm_from_uint64(info.f_ffree)));
}

}  // namespace

void define_machine_primitives() {
  define("%statvfs", 1, reinterpret_cast<void*>(statvfs_of));
}

}  // namespace sheepdog::binding
