// process_primitives.cc -- commands as children, for Scheme.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <optional>

#include "binding/convert.hh"
#include "binding/core.hh"
#include "process/capture.hh"
#include "process/child.hh"

namespace sheepdog::binding {

namespace {

/// A running command and what it has said so far.
struct Running {
  Capture out;
  Capture err;
  std::unique_ptr<Child> child;

  explicit Running(std::size_t limit) : out(limit / 2, limit / 2), err(limit / 2, limit / 2) {}
};

std::optional<Table<Running>> commands;

const char* how_name(const ChildEnd& end) {
  if (end.timed_out) return "timed-out";
  switch (end.how) {
    case ChildEnd::How::exited: return "exited";
    case ChildEnd::How::signalled: return "signalled";
    case ChildEnd::How::not_started: return "not-started";
    case ChildEnd::How::lost: return "lost";
  }
  return "lost";
}

// #(how exit signal text output error seconds cpu-seconds peak-memory)
SCM end_to_scm(const ChildEnd& end, const Running& running) {
  const SCM result = scm_c_make_vector(9, SCM_BOOL_F);
  scm_c_vector_set_x(result, 0, scm_from_utf8_symbol(how_name(end)));
  if (end.how == ChildEnd::How::exited)
    scm_c_vector_set_x(result, 1, scm_from_int(end.exit_status));
  if (end.how == ChildEnd::How::signalled) scm_c_vector_set_x(result, 2, scm_from_int(end.signal));
  scm_c_vector_set_x(result, 3, to_scm(std::string_view(end.text())));
  scm_c_vector_set_x(result, 4, to_scm(std::string_view(running.out.text())));
  scm_c_vector_set_x(result, 5, to_scm(std::string_view(running.err.text())));
  scm_c_vector_set_x(result, 6, seconds_to_scm(end.duration));
  scm_c_vector_set_x(result, 7, seconds_to_scm(end.user_cpu + end.system_cpu));
  scm_c_vector_set_x(result, 8, scm_from_int64(end.peak_memory));
  return result;
}

bool is_string_list(SCM value) {
  if (scm_ilength(value) < 0) return false;
  for (; scm_is_pair(value); value = SCM_CDR(value))
    if (!scm_is_string(SCM_CAR(value))) return false;
  return true;
}

std::vector<std::string> to_strings(SCM list) {
  std::vector<std::string> strings;
  for (; scm_is_pair(list); list = SCM_CDR(list)) strings.push_back(to_string(SCM_CAR(list)));
  return strings;
}

// (%command-start argv input timeout limit environment callback) -> number
// INPUT is a string or #f, TIMEOUT seconds or 0, LIMIT how many bytes of each output are kept,
// ENVIRONMENT a list of "NAME=VALUE" or #f: ours; CALLBACK is called with the end (end_to_scm).
SCM command_start(SCM argv, SCM input, SCM timeout, SCM limit, SCM environment, SCM callback) {
  const char* who = "%command-start";
  expect_argument(is_string_list(argv) && scm_is_pair(argv), who, 1, argv, "list of strings");
  expect_argument(scm_is_false(input) || scm_is_string(input), who, 2, input, "string or #f");
  expect_argument(scm_is_real(timeout), who, 3, timeout, "number of seconds");
  expect_argument(scm_is_unsigned_integer(limit, 0, 1 << 24), who, 4, limit, "number of bytes");
  expect_argument(scm_is_false(environment) || is_string_list(environment), who, 5, environment,
                  "list of strings or #f");
  expect_argument(scm_is_true(scm_procedure_p(callback)), who, 6, callback, "procedure");
  std::int64_t id = 0;
  work(who, [&]() -> Result<> {
    ChildOptions options;
    options.argv = to_strings(argv);
    if (scm_is_string(input)) {
      options.input = Stream::pipe;
      options.input_bytes = to_string(input);
    }
    const auto deadline = to_micros(timeout);
    if (!deadline) return deadline.error();
    options.timeout = *deadline;
    if (scm_is_true(environment)) options.environment = to_strings(environment);
    auto owned = std::make_unique<Running>(scm_to_size_t(limit));
    Running* running = owned.get();
    id = commands->add(std::move(owned));
    running->child = std::make_unique<Child>(
        core().loop, core().clock, std::move(options),
        [running](Output which, std::string_view bytes) {
          (which == Output::out ? running->out : running->err).add(bytes);
        },
        [running, id, kept = Kept(callback)](const ChildEnd& end) {
          const Kept procedure = kept;
          const Kept result(end_to_scm(end, *running));
          commands->remove(id);
          call_or_log("command", procedure, {result.get()});
        });
    return {};
  });
  return scm_from_int64(id);
}

// (%command-stop number) ends a command; its callback is not called any more
SCM command_stop(SCM id) {
  expect_argument(scm_is_signed_integer(id, 0, INT64_MAX), "%command-stop", 1, id, "command");
  commands->remove(scm_to_int64(id));
  return SCM_UNSPECIFIED;
}

}  // namespace

void define_process_primitives() {
  commands.emplace();
  define("%command-start", 6, reinterpret_cast<void*>(command_start));
  define("%command-stop", 1, reinterpret_cast<void*>(command_stop));
}

void close_process_primitives() { commands.reset(); }

}  // namespace sheepdog::binding
