// poll_primitives.cc -- waiting for a descriptor of Scheme's, such as a socket.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <optional>

#include "binding/convert.hh"
#include "binding/core.hh"
#include "loop/poll.hh"

namespace sheepdog::binding {

namespace {

std::optional<Table<Poll>> polls;

// (%when-ready fd writable? thunk) -> number; THUNK is called once, when FD can be read, or written
// where WRITABLE?. One wait a descriptor; it stays open until the thunk is called or the wait stopped.
SCM when_ready(SCM fd, SCM writable, SCM thunk) {
  expect_argument(scm_is_signed_integer(fd, 0, INT_MAX), "%when-ready", 1, fd, "descriptor");
  expect_argument(scm_is_true(scm_thunk_p(thunk)), "%when-ready", 3, thunk, "thunk");
  std::int64_t id = 0;
  work("%when-ready", [&]() -> Result<> {
    auto poll = Poll::open(core().loop, scm_to_int(fd));
    if (!poll) return poll.error();
    id = polls->add(std::make_unique<Poll>(*std::move(poll)));
    polls->find(id)->start(scm_is_true(writable) ? Poll::writable : Poll::readable,
                           [id, kept = Kept(thunk)](int) {
                             const Kept call_it = kept;
                             polls->remove(id);
                             call_or_log("descriptor", call_it);
                           });
    return {};
  });
  return scm_from_int64(id);
}

// (%stop-waiting number)
SCM stop_waiting(SCM id) {
  expect_argument(scm_is_signed_integer(id, 0, INT64_MAX), "%stop-waiting", 1, id, "wait");
  polls->remove(scm_to_int64(id));
  return SCM_UNSPECIFIED;
}

}  // namespace

void define_poll_primitives() {
  polls.emplace();
  define("%when-ready", 3, reinterpret_cast<void*>(when_ready));
  define("%stop-waiting", 1, reinterpret_cast<void*>(stop_waiting));
}

void close_poll_primitives() { polls.reset(); }

}  // namespace sheepdog::binding
