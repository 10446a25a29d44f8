// question_primitives.cc -- the process that answers a question that is not trusted, for Scheme.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include <climits>
#include <csignal>
#include <optional>

#include "binding/convert.hh"
#include "binding/core.hh"
#include "process/child.hh"
#include "process/confine.hh"

namespace sheepdog::binding {

namespace {

struct Asked {
  std::unique_ptr<Child> child;
};

std::optional<Table<Asked>> questions;

/// What ended one that had TIMEOUT: exited, time, memory (of which too little was left) or failed.
const char* cause(const ChildEnd& end, Micros timeout) {
  if (end.timed_out) return "time";
  if (end.how == ChildEnd::How::exited) return end.exit_status == 0 ? "exited" : "failed";
  if (end.how != ChildEnd::How::signalled) return "failed";
  switch (end.signal) {
    case SIGKILL:  // by the limit of its processor's time, or by a machine that is out of memory
      return end.user_cpu + end.system_cpu >= timeout ? "time" : "memory";
    case SIGABRT:
    case SIGSEGV:
    case SIGBUS: return "memory";
    default: return "failed";
  }
}

rlim_t limit_of(SCM value) { return static_cast<rlim_t>(scm_to_uint64(value)); }

// (%question-start program zone input output seconds bytes callback) -> number
// PROGRAM answers INPUT, a string, on the descriptor OUTPUT, within SECONDS and BYTES of memory; all
// of its environment is the time ZONE, a string or #f. CALLBACK is called with what ended it: a symbol
// (cause) and words.
SCM question_start(SCM program, SCM zone, SCM input, SCM output, SCM seconds, SCM bytes,
                   SCM callback) {
  const char* who = "%question-start";
  expect_argument(scm_is_string(program), who, 1, program, "string");
  expect_argument(scm_is_false(zone) || scm_is_string(zone), who, 2, zone, "string or #f");
  expect_argument(scm_is_string(input), who, 3, input, "string");
  expect_argument(scm_is_signed_integer(output, 3, INT_MAX), who, 4, output, "descriptor");
  expect_argument(scm_is_real(seconds), who, 5, seconds, "number of seconds");
  expect_argument(scm_is_unsigned_integer(bytes, 1, INT64_MAX), who, 6, bytes, "number of bytes");
  expect_argument(scm_is_true(scm_procedure_p(callback)), who, 7, callback, "procedure");
  std::int64_t id = 0;
  work(who, [&]() -> Result<> {
    const auto timeout = to_micros(seconds);
    if (!timeout) return timeout.error();
    ChildOptions options;
    options.argv = {to_string(program)};
    options.environment.emplace();
    if (scm_is_string(zone)) options.environment->push_back("TZ=" + to_string(zone));
    options.directory = "/";
    options.input = Stream::pipe;
    options.input_bytes = to_string(input);
    options.out = Stream::inherit;
    options.out_descriptor = scm_to_int(output);
    options.err = Stream::null;
    options.timeout = *timeout;
    options.grace = 0;  // it has nothing to put in order
    options.stop_signal = SIGKILL;
    // Guile's collector uses the signal of the soft limit, so it is the hard one that ends it.
    const auto cpu = static_cast<rlim_t>(*timeout / micros_per_second + 1);
    options.limits = {{RLIMIT_CPU, cpu, cpu},
                      {RLIMIT_DATA, limit_of(bytes), limit_of(bytes)},
                      {RLIMIT_CORE, 0, 0}};
    id = questions->add(std::make_unique<Asked>());
    questions->find(id)->child = std::make_unique<Child>(
        core().loop, core().clock, std::move(options), nullptr,
        [id, limit = *timeout, kept = Kept(callback)](const ChildEnd& end) {
          const Kept procedure = kept;
          const Kept words(to_scm(std::string_view(end.text())));
          const Kept why(scm_from_utf8_symbol(cause(end, limit)));
          questions->remove(id);
          call_or_log("question", procedure, {why.get(), words.get()});
        });
    return {};
  });
  return scm_from_int64(id);
}

// (%question-stop number) ends a question; its callback is not called any more
SCM question_stop(SCM id) {
  expect_argument(scm_is_signed_integer(id, 0, INT64_MAX), "%question-stop", 1, id, "question");
  questions->remove(scm_to_int64(id));
  return SCM_UNSPECIFIED;
}

// (%confine) takes from this process, for good, all but computing with what is open
SCM confine_process() {
  work("%confine", [] { return confine(); });
  return SCM_UNSPECIFIED;
}

/// What is said, and where, when this process aborts.
struct LastWords {
  int descriptor = -1;
  std::string text;
};

LastWords at_abort, at_alarm;

// Memory is short, and anybody's lock may be held.
void say_and_exit(int signal) {
  const LastWords& last = signal == SIGABRT ? at_abort : at_alarm;
  [[maybe_unused]] const auto written = ::write(last.descriptor, last.text.data(), last.text.size());
  ::_exit(1);
}

// (%explain-abort descriptor text) from now on, where this process aborts, as the collector of garbage does
// that finds no memory for its own work, it writes TEXT to DESCRIPTOR and exits with status 1
SCM explain_abort(SCM descriptor, SCM text) {
  const char* who = "%explain-abort";
  expect_argument(scm_is_signed_integer(descriptor, 0, INT_MAX), who, 1, descriptor, "descriptor");
  expect_argument(scm_is_string(text), who, 2, text, "string");
  work(who, [&] {
    at_abort = {scm_to_int(descriptor), to_string(text)};
    ::signal(SIGABRT, say_and_exit);
    return Result<>{};
  });
  return SCM_UNSPECIFIED;
}

// (%end-after seconds descriptor text) in so many whole SECONDS, unless this is called with 0 before, this
// process writes TEXT to DESCRIPTOR and exits with status 1, whatever it is in the midst of
SCM end_after(SCM seconds, SCM descriptor, SCM text) {
  const char* who = "%end-after";
  expect_argument(scm_is_unsigned_integer(seconds, 0, UINT_MAX), who, 1, seconds, "number of seconds");
  expect_argument(scm_is_signed_integer(descriptor, 0, INT_MAX), who, 2, descriptor, "descriptor");
  expect_argument(scm_is_string(text), who, 3, text, "string");
  work(who, [&] {
    ::alarm(0);
    at_alarm = {scm_to_int(descriptor), to_string(text)};
    ::signal(SIGALRM, say_and_exit);
    ::alarm(scm_to_uint(seconds));
    return Result<>{};
  });
  return SCM_UNSPECIFIED;
}

}  // namespace

void define_question_primitives() {
  questions.emplace();
  define("%question-start", 7, reinterpret_cast<void*>(question_start));
  define("%question-stop", 1, reinterpret_cast<void*>(question_stop));
  define("%confine", 0, reinterpret_cast<void*>(confine_process));
  define("%explain-abort", 2, reinterpret_cast<void*>(explain_abort));
  define("%end-after", 3, reinterpret_cast<void*>(end_after));
}

void close_question_primitives() { questions.reset(); }

}  // namespace sheepdog::binding
