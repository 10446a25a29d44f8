// identity.hh -- who and where we are, asked without loading anything.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace sheepdog {

/// The effective user's name; the number where it has none.
std::string user_name();
/// The working directory; empty where it is gone.
std::string working_directory();

}  // namespace sheepdog
