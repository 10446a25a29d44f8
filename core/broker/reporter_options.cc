// reporter_options.cc -- what a Reporter is told, and where that leads on this machine.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/reporter_options.hh"

#include <unistd.h>

#include <array>
#include <climits>

#include "base/environment.hh"

namespace sheepdog {

ReporterOptions reporter_options(std::string broker, std::string state_dir) {
  ReporterOptions options;
  // A state directory on the command line means just that one, whatever the environment says.
  if (broker.empty() && state_dir.empty()) broker = environment("SHEEPDOG_BROKER");
  options.state_dir_typed = !state_dir.empty();
  if (state_dir.empty()) state_dir = environment("SHEEPDOG_STATE_DIR");
  options.broker = std::move(broker);
  options.state_dir = std::move(state_dir);
  std::array<char, HOST_NAME_MAX + 1> name{};
  const bool named = gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0';
  options.host = named ? name.data() : "localhost";
  return options;
}

LocalPlaces local_places(const ReporterOptions& options) {
  LocalPlaces local;
  const auto add = [&](const Places& places, bool everyone) {
    local.sockets.push_back(places.drop);
    local.directories.push_back({places.incoming, everyone, !options.state_dir.empty()});
  };
  const Places machine = places_of(options.machine);
  if (!options.state_dir.empty()) {
    const Places given = places_of(options.state_dir);
    add(given, given.state_dir == machine.state_dir);
    return local;
  }
  add(machine, true);
  if (::geteuid() == 0) return local;
  const auto own = state_dir("");
  if (!own) return local;
  // A live herd of the user's own goes before the machine's, its directory after it.
  const Places places = places_of(*own);
  local.sockets.insert(local.sockets.begin(), places.drop);
  local.directories.push_back({places.incoming, false});
  return local;
}

}  // namespace sheepdog
