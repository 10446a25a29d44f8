// places.cc -- where a herd of one keeps what it has.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/places.hh"

#include <pwd.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "base/environment.hh"

namespace sheepdog {

namespace {

std::string home() {
  if (auto h = environment("HOME"); !h.empty()) return h;
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16384);
  if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found)
    return found->pw_dir;
  return "";
}

}  // namespace

Places places_of(const std::string& given) {
  std::error_code ignored;
  auto path = std::filesystem::absolute(given, ignored).lexically_normal().string();
  if (path.size() > 1 && path.back() == '/') path.pop_back();
  Places p;
  p.state_dir = path;
  const bool machine = path == machine_state_dir;
  p.drop = machine ? "/run/sheepdog/drop" : path + "/drop";
  p.ask = machine ? "/run/sheepdog/ask" : path + "/ask";
  p.incoming = machine ? "/var/spool/sheepdog" : path + "/incoming";
  p.spool = path + "/spool.db";
  p.store = path + "/store.db";
  p.repl = path + "/repl";
  p.queue_repl = path + "/queue-repl";
  p.lock = path + "/lock";
  p.store_lock = path + "/store.lock";
  return p;
}

std::optional<std::string> state_dir(const std::string& given) {
  if (!given.empty()) return given;
  if (auto set = environment("SHEEPDOG_STATE_DIR"); !set.empty()) return set;
  if (geteuid() == 0) return machine_state_dir;
  if (auto xdg = environment("XDG_STATE_HOME"); !xdg.empty()) return xdg + "/sheepdog";
  const auto h = home();
  if (h.empty()) return std::nullopt;
  return h + "/.local/state/sheepdog";
}

}  // namespace sheepdog
