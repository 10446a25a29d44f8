// machine_primitives.cc -- what Guile cannot ask the kernel itself, or only slowly.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <dirent.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <memory>
#include <optional>

#include "base/file.hh"
#include "binding/convert.hh"
#include "binding/core.hh"
#include "loop/detached.hh"

namespace sheepdog::binding {

namespace {

Result<struct statvfs> ask_space(const std::string& path) {
  struct statvfs info = {};
  if (::statvfs(path.c_str(), &info) != 0) return errno_error(errno, path);
  return info;
}

// #(bytes bytes-free bytes-available inodes inodes-free)
SCM space_to_scm(const struct statvfs& info) {
  const auto block = static_cast<std::uint64_t>(info.f_frsize);
  return scm_vector(scm_list_5(
      scm_from_uint64(block * info.f_blocks), scm_from_uint64(block * info.f_bfree),
      scm_from_uint64(block * info.f_bavail), scm_from_uint64(info.f_files),
      scm_from_uint64(info.f_ffree)));
}

// (%statvfs path) -> #(bytes bytes-free bytes-available inodes inodes-free)
SCM statvfs_of(SCM path) {
  expect_argument(scm_is_string(path), "%statvfs", 1, path, "string");
  struct statvfs info = {};
  work("%statvfs", [&]() -> Result<> {
    const auto asked = ask_space(to_string(path));
    if (!asked) return asked.error();
    info = *asked;
    return {};
  });
  return space_to_scm(info);
}

/// A file system that has been asked for its space and what is called when it answers.
struct Asked {
  Kept procedure;
  std::unique_ptr<Detached> call;
};

/// By path. One that hangs is not asked again meanwhile, so it costs one thread and not one a
/// round.
std::optional<std::map<std::string, Asked>> asked;

void answer_space(const std::string& path, const Result<struct statvfs>& space) {
  const auto over = asked->extract(path);
  const Kept& procedure = over.mapped().procedure;
  if (space)
    call_or_log("file system", procedure, {space_to_scm(*space), SCM_BOOL_F, SCM_BOOL_F});
  else
    call_or_log("file system", procedure,
                {SCM_BOOL_F, code_to_scm(space.error().code),
                 to_scm(std::string_view(space.error().text()))});
}

// (%statvfs-start path procedure); once the file system answers, PROCEDURE is called with what
// %statvfs returns, #f and #f, or with #f, the code and the message of an error
SCM statvfs_start(SCM path, SCM procedure) {
  expect_argument(scm_is_string(path), "%statvfs-start", 1, path, "string");
  expect_argument(scm_is_true(scm_procedure_p(procedure)), "%statvfs-start", 2, procedure,
                  "procedure");
  work("%statvfs-start", [&]() -> Result<> {
    const auto name = to_string(path);
    if (asked->contains(name))
      return Error{ErrorCode::busy, "the file system has still not answered", name};
    auto call = Detached::start(core().loop, [name] {
      return [name, space = ask_space(name)] { answer_space(name, space); };
    });
    if (!call) return call.error();
    asked->emplace(name, Asked{Kept(procedure), *std::move(call)});
    return {};
  });
  return SCM_UNSPECIFIED;
}

// (%read-file path limit) -> string; what is not UTF-8 is shown as U+FFFD
SCM read_file_of(SCM path, SCM limit) {
  expect_argument(scm_is_string(path), "%read-file", 1, path, "string");
  expect_argument(scm_is_unsigned_integer(limit, 0, SIZE_MAX), "%read-file", 2, limit, "size");
  SCM text = SCM_BOOL_F;
  work("%read-file", [&]() -> Result<> {
    const auto read = read_file(to_string(path), scm_to_size_t(limit));
    if (!read) return read.error();
    text = to_scm(std::string_view(*read));
    return {};
  });
  return text;
}

/// The state of the process whose directory is PID in DIRECTORY, or nullopt where it is gone.
std::optional<char> process_state(int directory, const std::string& pid) {
  const Fd fd(::openat(directory, (pid + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  char buffer[512];
  const auto n = ::read(fd.get(), buffer, sizeof buffer);
  if (n <= 0) return std::nullopt;
  // "PID (NAME) STATE ...", and the name may hold anything.
  const std::string_view text(buffer, static_cast<std::size_t>(n));
  const auto name_end = text.rfind(") ");
  if (name_end == text.npos || name_end + 2 >= text.size()) return std::nullopt;
  return text[name_end + 2];
}

// (%process-states path) -> a string, the state letter of each process in PATH, a /proc
SCM process_states(SCM path) {
  expect_argument(scm_is_string(path), "%process-states", 1, path, "string");
  SCM text = SCM_BOOL_F;
  work("%process-states", [&]() -> Result<> {
    const auto name = to_string(path);
    const auto close = [](DIR* open) { ::closedir(open); };
    const std::unique_ptr<DIR, decltype(close)> directory(::opendir(name.c_str()));
    if (!directory) return errno_error(errno, name);
    std::string states;
    while (const auto* entry = ::readdir(directory.get())) {
      const std::string_view pid(entry->d_name);
      if (pid.find_first_not_of("0123456789") != pid.npos) continue;
      if (const auto state = process_state(::dirfd(directory.get()), std::string(pid)))
        states += *state;
    }
    text = to_scm(std::string_view(states));
    return {};
  });
  return text;
}

}  // namespace

void define_machine_primitives() {
  asked.emplace();
  define("%statvfs", 1, reinterpret_cast<void*>(statvfs_of));
  define("%statvfs-start", 2, reinterpret_cast<void*>(statvfs_start));
  define("%read-file", 2, reinterpret_cast<void*>(read_file_of));
  define("%process-states", 1, reinterpret_cast<void*>(process_states));
}

void close_machine_primitives() { asked.reset(); }

}  // namespace sheepdog::binding
