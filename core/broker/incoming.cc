// incoming.cc -- collecting files that strangers may have put there.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/incoming.hh"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <map>

#include "base/log.hh"
#include "broker/incoming_file.hh"

namespace sheepdog {

namespace {

constexpr std::time_t abandoned = 3600;  ///< seconds after which a begun file is nobody's any more
constexpr Micros settling = 2 * micros_per_second;  ///< a file this young may still be written

Micros modified(const struct stat& file) {
  return file.st_mtim.tv_sec * micros_per_second + file.st_mtim.tv_nsec / 1000;
}

using Names = std::map<std::string, struct stat>;  ///< in their order, which is that of their times

/// The reports in a file: one, or in NAME.jsonl one a line.
std::vector<std::string_view> reports_in(std::string_view name, std::string_view text) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  if (!name.ends_with(".jsonl")) return {text};
  std::vector<std::string_view> lines;
  while (true) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == text.npos) return lines;
    text.remove_prefix(end + 1);
  }
}

Result<std::string> read_at_most(int fd, std::size_t limit) {
  std::string text(limit, '\0');
  std::size_t size = 0;
  while (size < limit) {
    const auto n = ::read(fd, text.data() + size, limit - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno_error(errno, "read");
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  text.resize(size);
  return text;
}

}  // namespace

struct Incoming::Found {
  std::string name;
  std::uint32_t owner = 0;
  Micros modified = 0;
  std::string text;
  std::optional<Error> fault;
  bool removed = false;
};

struct Incoming::Pass {
  std::vector<Found> found;
  bool more = false;        ///< something of one owner was left for the next pass
  bool unfinished = false;  ///< the next pass goes on where this one stopped
};

Result<std::unique_ptr<Incoming>> Incoming::open(Loop& loop, const Clock& clock, Spool& spool,
                                                 IncomingOptions options) {
  const mode_t mode = options.everyone ? 01733 : 0700;
  if (auto made = make_directories(options.directory, options.everyone ? 0755 : 0700); !made)
    return made.error();
  Fd directory(::open(options.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!directory) return errno_error(errno, options.directory);
  struct stat status {};
  ::fstat(directory.get(), &status);
  if (!sender_of(status.st_uid).privileged)
    return Error{ErrorCode::denied, fmt::format("belongs to user {}", status.st_uid),
                 options.directory};
  if ((status.st_mode & 07777) != mode && ::fchmod(directory.get(), mode) != 0)
    return errno_error(errno, options.directory);
  auto worker = Worker::start(loop);
  if (!worker) return worker.error();
  return std::unique_ptr<Incoming>(new Incoming(
      loop, clock, spool, std::move(options), std::move(directory), *std::move(worker)));
}

Incoming::Incoming(Loop& loop, const Clock& clock, Spool& spool, IncomingOptions options,
                   Fd directory, std::unique_ptr<Worker> worker)
    : clock_(clock),
      spool_(spool),
      options_(std::move(options)),
      directory_(std::move(directory)),
      reading_(nullptr, ::closedir),
      timer_(loop),
      worker_(std::move(worker)) {}

void Incoming::collect(std::function<void(Result<std::size_t>)> done) {
  if (done) waiting_.push_back(std::move(done));
  if (!busy_) begin();
}

void Incoming::begin() {
  busy_ = true;
  worker_->submit([this, stuck = stuck_]() -> std::function<void()> {
    return [this, pass = look(stuck)]() mutable {
      move_in(std::move(pass));
    };
  });
}

/// On the worker's thread. Of each owner the oldest of the names that are read, so that nobody's
/// files stand before another's; what nobody else can end is not counted at all.
Incoming::Pass Incoming::look(const std::set<std::string>& stuck) {
  const int directory = directory_.get();
  Pass pass;
  if (!reading_) {
    const int again = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    reading_.reset(again < 0 ? nullptr : ::fdopendir(again));
    if (!reading_) return pass;
  }
  std::map<std::uint32_t, Names> of_owner;
  pass.unfinished = true;
  for (std::size_t read = 0; read < options_.names; ++read) {
    const auto* item = ::readdir(reading_.get());
    if (item == nullptr) {
      reading_.reset();
      pass.unfinished = false;
      break;
    }
    const std::string name = item->d_name;
    struct stat status {};
    if (name == "." || name == ".." || stuck.contains(name) ||
        ::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
      continue;
    if (name.starts_with('.')) {
      if (std::time(nullptr) - status.st_mtim.tv_sec > abandoned)
        ::unlinkat(directory, name.c_str(), 0);
      continue;
    }
    auto& names = of_owner[status.st_uid];
    names.emplace(name, status);
    if (names.size() <= options_.files_of_owner) continue;
    names.erase(std::prev(names.end()));
    pass.more = true;
  }
  Names all;
  for (auto& [owner, names] : of_owner) all.merge(names);
  std::map<std::uint32_t, std::size_t> bytes_of_owner;
  for (const auto& [name, status] : all) {
    Found found{name, status.st_uid, modified(status), "", std::nullopt, false};
    auto& bytes = bytes_of_owner[found.owner];
    const auto size = static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
    if (bytes >= options_.bytes_of_owner) {
      pass.more = true;
      continue;
    }
    // Not even opened: a link may lead to what its maker must not read.
    if (!S_ISREG(status.st_mode) || status.st_nlink != 1) {
      const int flags = S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0;
      if (::unlinkat(directory, name.c_str(), flags) != 0) continue;
      found.fault = Error{ErrorCode::invalid, "not a file with one name", name};
      found.removed = true;
      pass.found.push_back(std::move(found));
      continue;
    }
    const Fd file(::openat(directory, name.c_str(),
                           O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat opened {};
    if (!file || ::fstat(file.get(), &opened) != 0 || !S_ISREG(opened.st_mode) ||
        opened.st_nlink != 1 || opened.st_uid != status.st_uid || opened.st_ino != status.st_ino)
      continue;
    const bool fits = size <= report_size_limit + 1;  // a newline may end it
    auto text = read_at_most(file.get(), fits ? size : dead_letter_limit);
    if (!text) continue;
    found.text = *std::move(text);
    bytes += found.text.size();
    if (!fits)
      found.fault = Error{ErrorCode::invalid,
                          fmt::format("{} bytes; a report has at most {}", size, report_size_limit),
                          name};
    else if ((opened.st_mode & 022) != 0)
      found.fault =
          Error{ErrorCode::denied, "others than its owner may write the file", name};
    pass.found.push_back(std::move(found));
  }
  return pass;
}

void Incoming::move_in(Pass pass) {
  std::vector<SpoolEntry> entries;
  std::vector<std::string> names;
  std::map<std::uint32_t, std::size_t> held;
  const Micros now = clock_.now();
  for (auto& found : pass.found) {
    const auto sender = sender_of(found.owner);
    auto& bytes = held[found.owner];
    if (!sender.privileged &&
        spool_.held_by(found.owner) + bytes + found.text.size() > spool_.limit() / 4)
      continue;
    auto reports = reports_in(found.name, found.text);
    if (!found.fault && reports.size() > incoming_batch_limit)
      found.fault = Error{ErrorCode::invalid,
                          fmt::format("{} lines; a file has at most {}", reports.size(),
                                      incoming_batch_limit),
                          found.name};
    if (found.fault) reports = {found.text};
    std::vector<SpoolEntry> admitted;
    bool unfinished = false;
    for (const auto& report : reports) {
      auto admission = found.fault
                           ? refuse(report, *found.fault, sender, now)
                           : admit(report, sender, options_.host,
                                   fmt::format("file {}\n{}", found.name, report), now);
      if (!admission.verdict && !found.fault) unfinished = true;
      // Nobody watches a wrapper that had to write a file.
      if (admission.entry.mark == RunMark::opens) admission.entry.mark = RunMark::none;
      admitted.push_back(std::move(admission.entry));
    }
    if (unfinished && found.modified <= now && now - found.modified < settling) continue;
    for (auto& entry : admitted) {
      bytes += entry.body.size();
      entries.push_back(std::move(entry));
    }
    if (!found.removed) names.push_back(std::move(found.name));
  }
  left_ = left_ || pass.more;
  progress_ = progress_ || !entries.empty();
  const bool more = pass.unfinished || (left_ && progress_);
  if (!pass.unfinished) left_ = progress_ = false;
  collected_ += entries.size();
  if (entries.empty()) return more ? begin() : finish(collected_);
  spool_.append(std::move(entries), lifeline_.tie([this, names, more](Result<> result) {
    if (result) return remove(names, more);
    log::warning("{}: not collected: {}", options_.directory, result.error().text());
    finish(result.error());
  }));
}

void Incoming::remove(std::vector<std::string> names, bool more) {
  worker_->submit([this, names = std::move(names), more]() -> std::function<void()> {
    std::vector<std::string> stuck;
    for (const auto& name : names)
      if (::unlinkat(directory_.get(), name.c_str(), 0) != 0 && errno != ENOENT)
        stuck.push_back(name);
    return [this, stuck = std::move(stuck), more] {
      for (const auto& name : stuck) {
        log::error("{}/{}: was collected but cannot be deleted", options_.directory, name);
        stuck_.insert(name);
      }
      if (more) begin();
      else finish(collected_);
    };
  });
}

void Incoming::finish(Result<std::size_t> result) {
  busy_ = false;
  collected_ = 0;
  left_ = progress_ = false;
  timer_.once(options_.period, [this] { collect(); });
  const auto alive = lifeline_.watch();
  for (const auto& done : std::exchange(waiting_, {})) {
    if (alive.expired()) return;
    done(result);
  }
}

}  // namespace sheepdog
