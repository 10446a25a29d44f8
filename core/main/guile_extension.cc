// guile_extension.cc -- the entry that load-extension calls in a plain Guile.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "binding/core.hh"

extern "C" void sheepdog_init_guile() { sheepdog::binding::define_primitives(); }
