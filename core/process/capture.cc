// capture.cc -- the first and the last bytes of an output.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/capture.hh"

#include <algorithm>

namespace sheepdog {

void Capture::add(std::string_view bytes) {
  bytes_ += bytes.size();
  const auto first = std::min(bytes.size(), head_size_ - head_.size());
  head_.append(bytes.substr(0, first));
  bytes.remove_prefix(first);
  if (bytes.size() > tail_size_) bytes.remove_prefix(bytes.size() - tail_size_);

  const auto room = std::min(bytes.size(), tail_size_ - ring_.size());
  ring_.append(bytes.substr(0, room));
  bytes.remove_prefix(room);
  while (!bytes.empty()) {
    const auto piece = std::min(bytes.size(), ring_.size() - start_);
    bytes.copy(&ring_[start_], piece);
    bytes.remove_prefix(piece);
    start_ = (start_ + piece) % ring_.size();
  }
}

std::uint64_t Capture::omitted() const { return bytes_ - head_.size() - ring_.size(); }

std::string Capture::tail() const { return ring_.substr(start_) + ring_.substr(0, start_); }

}  // namespace sheepdog
