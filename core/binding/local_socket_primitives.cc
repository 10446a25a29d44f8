// local_socket_primitives.cc -- unix stream sockets for Scheme, at a path of any length.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <optional>

#include "binding/convert.hh"
#include "binding/core.hh"
#include "loop/local_socket.hh"

namespace sheepdog::binding {

namespace {

std::optional<Table<LocalListener>> listeners;

// (%local-listen path callback) listens at PATH, where only this program's user may connect; the
// callback is called with the descriptor of each connection, which is then the caller's.
SCM local_listen(SCM path, SCM callback) {
  const char* who = "%local-listen";
  expect_argument(scm_is_string(path), who, 1, path, "string");
  expect_argument(scm_is_true(scm_procedure_p(callback)), who, 2, callback, "procedure");
  work(who, [&]() -> Result<> {
    auto listener = LocalListener::open(core().loop, to_string(path), 0600,
                                        [call = Kept(callback)](Fd connection) {
                                          call_or_log("connection", call,
                                                      {scm_from_int(connection.release())});
                                        });
    if (!listener) return listener.error();
    listeners->add(std::make_unique<LocalListener>(*std::move(listener)));
    return {};
  });
  return SCM_UNSPECIFIED;
}

// (%local-connect path) -> descriptor, which does not block
SCM local_connect(SCM path) {
  expect_argument(scm_is_string(path), "%local-connect", 1, path, "string");
  int descriptor = -1;
  work("%local-connect", [&]() -> Result<> {
    auto connection = connect_local(to_string(path));
    if (!connection) return connection.error();
    descriptor = connection->release();
    return {};
  });
  return scm_from_int(descriptor);
}

// (%peer-user descriptor) -> number of the user who is at the other end of a socket
SCM peer_user_of(SCM descriptor) {
  const char* who = "%peer-user";
  expect_argument(scm_is_signed_integer(descriptor, 0, INT_MAX), who, 1, descriptor, "descriptor");
  uid_t user = 0;
  work(who, [&]() -> Result<> {
    const auto found = peer_user(scm_to_int(descriptor));
    if (!found) return found.error();
    user = *found;
    return {};
  });
  return scm_from_uint32(user);
}

}  // namespace

void define_local_socket_primitives() {
  listeners.emplace();
  define("%local-listen", 2, reinterpret_cast<void*>(local_listen));
  define("%local-connect", 1, reinterpret_cast<void*>(local_connect));
  define("%peer-user", 1, reinterpret_cast<void*>(peer_user_of));
}

void close_local_socket_primitives() { listeners.reset(); }

}  // namespace sheepdog::binding
