// reporter_options.hh -- what a Reporter is told, and where that leads on this machine.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "base/clock.hh"
#include "base/places.hh"
#include "broker/incoming_file.hh"

namespace sheepdog {

struct ReporterOptions {
  std::string broker;                         ///< as parse_broker_address reads it; may be empty
  std::string state_dir;                      ///< only this herd's; may be empty
  bool state_dir_typed = false;               ///< on the command line, where slips are made
  std::string host;                           ///< of reports that name none, where there is a broker
  Micros patience = 5 * micros_per_second;    ///< how long a report waits for one way; fourfold
                                              ///< for a file, behind which there is none
  std::string machine = machine_state_dir;    ///< the machine's own herd
};

/// What the command line says (either may be empty), then $SHEEPDOG_BROKER and
/// $SHEEPDOG_STATE_DIR; what the command line names goes before what the environment does.
ReporterOptions reporter_options(std::string broker, std::string state_dir);

/// Where reports are handed in on this machine, the best place first.
struct LocalPlaces {
  std::vector<std::string> sockets;
  std::vector<IncomingDirectory> directories;  ///< never empty
};

LocalPlaces local_places(const ReporterOptions& options);

}  // namespace sheepdog
