// terminal_primitives.cc -- how wide a terminal is, for Scheme.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/ioctl.h>

#include "binding/core.hh"

namespace sheepdog::binding {

namespace {

// (%terminal-width fd) -> columns, or #f where it is no terminal or does not tell
SCM terminal_width(SCM fd) {
  expect_argument(scm_is_signed_integer(fd, 0, INT32_MAX), "%terminal-width", 1, fd,
                  "file descriptor");
  winsize size{};
  if (ioctl(scm_to_int(fd), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return SCM_BOOL_F;
  return scm_from_int(size.ws_col);
}

}  // namespace

void define_terminal_primitives() {
  define("%terminal-width", 1, reinterpret_cast<void*>(terminal_width));
}

}  // namespace sheepdog::binding
