// place_primitives.cc -- where things are kept, and who may be there alone.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <map>

#include "base/file.hh"
#include "base/places.hh"
#include "binding/convert.hh"
#include "binding/core.hh"

namespace sheepdog::binding {

namespace {

// (%state-dir given-or-#f) -> string, or #f for a user without a home
SCM state_dir_of(SCM given) {
  expect_argument(scm_is_false(given) || scm_is_string(given), "%state-dir", 1, given, "string");
  SCM found = SCM_BOOL_F;
  work("%state-dir", [&]() -> Result<> {
    if (const auto path = state_dir(scm_is_string(given) ? to_string(given) : ""))
      found = to_scm(std::string_view(places_of(*path).state_dir));
    return {};
  });
  return found;
}

// (%places state-dir) -> alist of symbols to paths
SCM places(SCM directory) {
  expect_argument(scm_is_string(directory), "%places", 1, directory, "string");
  SCM alist = SCM_EOL;
  work("%places", [&]() -> Result<> {
    const auto p = places_of(to_string(directory));
    const std::pair<const char*, const std::string*> all[] = {
        {"state-dir", &p.state_dir}, {"drop", &p.drop},   {"ask", &p.ask}, {"incoming", &p.incoming},
        {"spool", &p.spool},         {"store", &p.store}, {"repl", &p.repl},
        {"queue-repl", &p.queue_repl},
        {"lock", &p.lock},           {"store-lock", &p.store_lock}};
    for (const auto& [name, path] : all)
      alist = scm_acons(scm_from_utf8_symbol(name), to_scm(std::string_view(*path)), alist);
    return {};
  });
  return alist;
}

// (%make-directories path mode)
SCM make_directories_of(SCM path, SCM mode) {
  expect_argument(scm_is_string(path), "%make-directories", 1, path, "string");
  expect_argument(scm_is_unsigned_integer(mode, 0, 07777), "%make-directories", 2, mode, "mode");
  work("%make-directories", [&] { return make_directories(to_string(path), scm_to_uint(mode)); });
  return SCM_UNSPECIFIED;
}

/// The locks that this process holds until its end, by path.
std::map<std::string, Fd>& locks() {
  static std::map<std::string, Fd> held;
  return held;
}

Result<> lock(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return errno_error(errno, path);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return errno_error(errno, path);
    const auto holder = read_file(path, 32).value_or("");
    return Error{ErrorCode::busy,
                 "another daemon is running here" + (holder.empty() ? "" : ", process " + holder),
                 path};
  }
  if (::ftruncate(fd.get(), 0) != 0) return errno_error(errno, path);
  if (auto wrote = write_all(fd.get(), std::to_string(::getpid())); !wrote) return wrote;
  locks()[path] = std::move(fd);
  return {};
}

// (%lock path) holds the file's lock until the process ends; busy where another process does
SCM lock_path(SCM path) {
  expect_argument(scm_is_string(path), "%lock", 1, path, "string");
  work("%lock", [&] { return lock(to_string(path)); });
  return SCM_UNSPECIFIED;
}

}  // namespace

void define_place_primitives() {
  define("%state-dir", 1, reinterpret_cast<void*>(state_dir_of));
  define("%places", 1, reinterpret_cast<void*>(places));
  define("%make-directories", 2, reinterpret_cast<void*>(make_directories_of));
  define("%lock", 1, reinterpret_cast<void*>(lock_path));
}

}  // namespace sheepdog::binding
