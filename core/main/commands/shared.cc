// shared.cc -- options that several commands share.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/commands/commands.hh"

namespace sheepdog::cli {

Option state_dir_option() {
  return {"state-dir", 0, Kind::directory, "DIR",
          "Keep everything in DIR. Default: $SHEEPDOG_STATE_DIR, else /var/lib/sheepdog for root "
          "and $XDG_STATE_HOME/sheepdog for others."};
}

Option store_dir_option() {
  return {"state-dir", 0, Kind::directory, "DIR",
          "Read the store in DIR. Default: $SHEEPDOG_STATE_DIR, else your own herd's, where you have "
          "one, else this machine's, /var/lib/sheepdog."};
}

Option unused_dir_option() {
  return {"state-dir", 0, Kind::directory, "DIR",
          "Accepted as by every command; this one keeps and reads nothing there."};
}

Option broker_option(std::string_view help) {
  return {"broker", 'H', Kind::text, "HOST[:PORT]|URL", help};
}

Option config_option(std::string_view help) {
  return {"config", 'c', Kind::file, "FILE", help};
}

Option json_option() { return {"json", 0, Kind::flag, {}, "Print JSON, for programs."}; }

Option csv_option() {
  return {"csv", 0, Kind::flag, {},
          "Print CSV, for programs. Texts are as they were reported: let a spreadsheet import them as "
          "text, since it takes some for formulas."};
}

}  // namespace sheepdog::cli
