// held_output.cc -- keep all output aside until it is known whether anybody wants it.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/front/held_output.hh"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace sheepdog {

namespace {

constexpr std::size_t memory_size = 1 << 20;
constexpr off_t file_limit = off_t{1} << 30;  // rather than fill the disk

/// What stands before each piece.
struct Head {
  std::uint32_t which;
  std::uint32_t size;
};

/// A file without a name, on disk where that is possible.
Fd nameless_file() {
  const char* configured = std::getenv("TMPDIR");
  for (const char* directory : {configured, "/var/tmp", "/tmp"}) {
    if (!directory) continue;
    Fd fd(open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (fd) return fd;
  }
  return Fd(memfd_create("sheepdog-output", MFD_CLOEXEC));
}

}  // namespace

bool HeldOutput::add(Output which, std::string_view bytes) {
  const Head head{which == Output::err ? 1U : 0U, static_cast<std::uint32_t>(bytes.size())};
  if (memory_.size() + sizeof head + bytes.size() > memory_size && !write_out()) return false;
  memory_.append(reinterpret_cast<const char*>(&head), sizeof head);
  memory_ += bytes;
  return true;
}

bool HeldOutput::write_out() {
  if (!file_) file_ = nameless_file();
  if (!file_ || file_size_ > file_limit || lseek(file_.get(), file_size_, SEEK_SET) < 0) return false;
  if (!write_all(file_.get(), memory_)) {
    (void)ftruncate(file_.get(), file_size_);
    return false;
  }
  file_size_ += static_cast<off_t>(memory_.size());
  memory_.clear();
  return true;
}

HeldOutput::Piece HeldOutput::next() {
  Head head{};
  Piece piece;
  if (at_ < file_size_) {
    if (pread(file_.get(), &head, sizeof head, at_) != sizeof head) return {};
    piece.bytes.resize(head.size);
    at_ += static_cast<off_t>(sizeof head);
    if (pread(file_.get(), piece.bytes.data(), head.size, at_) != static_cast<ssize_t>(head.size))
      return {};
    at_ += static_cast<off_t>(head.size);
  } else if (memory_at_ < memory_.size()) {
    std::memcpy(&head, memory_.data() + memory_at_, sizeof head);
    piece.bytes = memory_.substr(memory_at_ + sizeof head, head.size);
    memory_at_ += sizeof head + head.size;
  }
  piece.which = head.which == 1 ? Output::err : Output::out;
  return piece;
}

}  // namespace sheepdog
