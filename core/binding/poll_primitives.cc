// poll_primitives.cc -- waiting for a descriptor of Scheme's, such as a socket or standard output.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <functional>
#include <memory>
#include <optional>

#include "binding/async_answer.hh"
#include "binding/convert.hh"
#include "binding/core.hh"
#include "loop/outlet.hh"
#include "loop/poll.hh"

namespace sheepdog::binding {

namespace {

/// Text on its way out, and who waits for that.
struct Output {
  Output(int fd, std::function<void()> changed, Answer to)
      : outlet(core().loop, fd, std::move(changed)), answer(std::move(to)) {}
  Outlet outlet;
  Answer answer;
};

std::optional<Table<Poll>> polls;
std::optional<Table<Output>> outputs;

std::int64_t call_when(const char* who, int fd, int events, SCM thunk) {
  std::int64_t id = 0;
  work(who, [&]() -> Result<> {
    auto poll = Poll::open(core().loop, fd);
    if (!poll) return poll.error();
    id = polls->add(std::make_unique<Poll>(*std::move(poll)));
    polls->find(id)->start(events, [id, kept = Kept(thunk)](int) {
      const Kept call_it = kept;
      polls->remove(id);
      call_or_log("descriptor", call_it);
    });
    return {};
  });
  return id;
}

// (%when-ready fd writable? thunk) -> number; THUNK is called once, when FD can be read, or written
// where WRITABLE?. One wait a descriptor; it stays open until the thunk is called or the wait stopped.
SCM when_ready(SCM fd, SCM writable, SCM thunk) {
  expect_argument(scm_is_signed_integer(fd, 0, INT_MAX), "%when-ready", 1, fd, "descriptor");
  expect_argument(scm_is_true(scm_thunk_p(thunk)), "%when-ready", 3, thunk, "thunk");
  const int events = scm_is_true(writable) ? Poll::writable : Poll::readable;
  return scm_from_int64(call_when("%when-ready", scm_to_int(fd), events, thunk));
}

// (%when-left fd thunk) -> number; as %when-ready, when who is at the other end of the socket FD sends no
// more, as where it is gone
SCM when_left(SCM fd, SCM thunk) {
  expect_argument(scm_is_signed_integer(fd, 0, INT_MAX), "%when-left", 1, fd, "descriptor");
  expect_argument(scm_is_true(scm_thunk_p(thunk)), "%when-left", 2, thunk, "thunk");
  return scm_from_int64(call_when("%when-left", scm_to_int(fd), Poll::left, thunk));
}

// (%stop-waiting number)
SCM stop_waiting(SCM id) {
  expect_argument(scm_is_signed_integer(id, 0, INT64_MAX), "%stop-waiting", 1, id, "wait");
  polls->remove(scm_to_int64(id));
  return SCM_UNSPECIFIED;
}

void give_output(std::int64_t id) {
  const Output* output = outputs->find(id);
  if (!output || output->outlet.pending()) return;
  const Answer answer = output->answer;
  const int fault = output->outlet.fault();
  const bool gone = output->outlet.reader_gone();
  outputs->remove(id);
  if (gone) answer.fail({ErrorCode::closed, "nobody reads it any more", ""});
  else if (fault != 0) answer.fail(errno_error(fault, "it cannot be written to"));
  else answer.succeed();
}

// (%write-out fd text callback) -> number; writes TEXT without making anybody wait for its reader,
// and without changing the descriptor for those who share it. Fault closed: nobody reads any more.
SCM write_out(SCM fd, SCM text, SCM callback) {
  const char* who = "%write-out";
  expect_argument(scm_is_signed_integer(fd, 0, INT_MAX), who, 1, fd, "descriptor");
  expect_argument(scm_is_string(text), who, 2, text, "string");
  expect_argument(scm_is_true(scm_procedure_p(callback)), who, 3, callback, "procedure");
  std::int64_t id = 0;
  work(who, [&]() -> Result<> {
    const auto number = std::make_shared<std::int64_t>(0);
    // In a later turn, since the outlet may be in the midst of its work.
    const auto over = [number] { core().loop.post([number] { give_output(*number); }); };
    auto output = std::make_unique<Output>(scm_to_int(fd), over, Answer(who, callback));
    Outlet& outlet = output->outlet;
    id = *number = outputs->add(std::move(output));
    outlet.write(to_string(text));
    if (!outlet.pending()) over();
    return {};
  });
  return scm_from_int64(id);
}

// (%stop-writing number) leaves what is not written yet
SCM stop_writing(SCM id) {
  expect_argument(scm_is_signed_integer(id, 0, INT64_MAX), "%stop-writing", 1, id, "output");
  outputs->remove(scm_to_int64(id));
  return SCM_UNSPECIFIED;
}

}  // namespace

void define_poll_primitives() {
  polls.emplace();
  outputs.emplace();
  define("%when-ready", 3, reinterpret_cast<void*>(when_ready));
  define("%when-left", 2, reinterpret_cast<void*>(when_left));
  define("%stop-waiting", 1, reinterpret_cast<void*>(stop_waiting));
  define("%write-out", 3, reinterpret_cast<void*>(write_out));
  define("%stop-writing", 1, reinterpret_cast<void*>(stop_writing));
}

void close_poll_primitives() {
  outputs.reset();
  polls.reset();
}

}  // namespace sheepdog::binding
