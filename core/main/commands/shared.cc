// shared.cc -- options that several commands share.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

Option state_dir_option() {
  return {"state-dir", 0, Kind::directory, "DIR",
          "Keep everything in DIR. Default: $SHEEPDOG_STATE_DIR, else /var/lib/sheepdog for root "
          "and $XDG_STATE_HOME/sheepdog for others."};
}

Option broker_option() {
  return {"broker", 'H', Kind::text, "HOST[:PORT]|URL",
          "Report straight to this Redis (redis://[USER:PASSWORD@]HOST[:PORT][/DB], unix:///PATH). "
          "Default: $SHEEPDOG_BROKER, else this machine's daemon."};
}

Option config_option() {
  return {"config", 'c', Kind::file, "FILE",
          "Read the configuration from FILE. Default: none, with the default monitors."};
}

Option json_option() { return {"json", 0, Kind::flag, {}, "Print JSON, for programs."}; }

Option csv_option() { return {"csv", 0, Kind::flag, {}, "Print CSV, for programs."}; }

}  // namespace sheepdog::cli
