// version_order.hh -- which of two versions of a package is the newer one.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace sheepdog {

/// Negative, 0 or positive as A is older than B, as new, or newer, in Debian's order: deb-version(7),
/// "Sorting algorithm". Any text has its place, also where it is no version by Debian's rules.
int version_compare(std::string_view a, std::string_view b);

/// The same in the order of Guix, which is that of strverscmp(3): `version-compare' in guix/utils.scm.
/// What follows a NUL is not looked at.
int guix_version_compare(std::string_view a, std::string_view b);

}  // namespace sheepdog
