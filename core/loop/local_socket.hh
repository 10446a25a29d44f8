// local_socket.hh -- unix stream sockets: listening at a path, connecting to one.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>

#include "base/file.hh"
#include "loop/loop.hh"

namespace sheepdog {

/// Connects at once or not at all; the socket does not block. Errors: not_found; unreachable
/// (nobody listens any more); busy (too many wait there); denied.
Result<Fd> connect_local(const std::string& path);

/// The user at the other end of a connected socket, as it was when it connected.
Result<uid_t> peer_user(int fd);

/// Listens at a path until destroyed, which removes the socket's file.
class LocalListener {
 public:
  /// Listens at PATH with the permissions MODE. A socket that nobody listens on is replaced.
  /// Errors: busy where somebody does; exists where something else is there; errno's.
  static Result<LocalListener> open(Loop& loop, const std::string& path, mode_t mode,
                                    std::function<void(Fd)> accepted);
  LocalListener(LocalListener&&) noexcept;
  LocalListener& operator=(LocalListener&&) noexcept;
  ~LocalListener();

 private:
  struct State;
  explicit LocalListener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sheepdog
