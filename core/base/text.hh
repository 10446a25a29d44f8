// text.hh -- bytes as text, and as what may stand in texts.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace sheepdog {

/// True where no byte of BYTES is above 127.
bool is_ascii(std::string_view bytes);

/// True where BYTES are valid UTF-8 (no surrogates, nothing overlong).
bool is_utf8(std::string_view bytes);

/// BYTES in standard base64 (RFC 4648, 4), padded.
std::string base64(std::string_view bytes);

}  // namespace sheepdog
