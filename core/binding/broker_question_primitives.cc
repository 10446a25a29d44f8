// broker_question_primitives.cc -- what the broker is asked about itself, for Scheme.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdint>
#include <map>
#include <utility>

#include "binding/async_answer.hh"
#include "binding/convert.hh"
#include "binding/core.hh"
#include "broker/address.hh"
#include "broker/durability.hh"
#include "broker/stream_groups.hh"

namespace sheepdog::binding {

namespace {

/// Connections that were opened only to ask, each by the number of its question.
std::map<std::uint64_t, RedisConnection> asked;
std::uint64_t last_question = 0;

SCM group_to_scm(const StreamGroup& group) {
  return scm_vector(scm_list_5(to_scm(std::string_view(group.name)), scm_from_int64(group.pending),
                               scm_from_bool(group.behind), seconds_to_scm(group.needed_since),
                               group.idle ? seconds_to_scm(*group.idle) : SCM_BOOL_F));
}

/// Asks the broker at URL, which is a string: ASK(connection, answered) has it answered with a list
/// of T, once, or the connection fails. CALLBACK is given the list, each as SHOW makes it.
template <typename T, typename Ask, typename Show>
void ask_broker(const char* who, SCM url, SCM callback, Ask ask, Show show) {
  expect_argument(scm_is_string(url), who, 1, url, "string");
  expect_argument(scm_is_true(scm_procedure_p(callback)), who, 2, callback, "procedure");
  work(who, [&]() -> Result<> {
    const auto address = parse_broker_address(to_string(url));
    if (!address) return address.error();
    const auto number = ++last_question;
    const auto once = std::make_shared<bool>(false);
    const auto over = [answer = Answer(who, callback), number, once,
                       show](const Result<std::vector<T>>& answers) {
      if (std::exchange(*once, true)) return;
      // The connection goes in a later turn, since this may run within one of its callbacks.
      core().loop.post([number] { asked.erase(number); });
      if (!answers) return answer.fail(answers.error());
      SCM list = SCM_EOL;
      for (auto it = answers->rbegin(); it != answers->rend(); ++it)
        list = scm_cons(show(*it), list);
      answer.succeed(list);
    };
    asked.try_emplace(
        number, core().loop, core().random, *address, RedisOptions{},
        RedisConnection::Events{[ask, number, over] { ask(asked.at(number), over); },
                                [over](const Error& error) { over(error); }});
    return {};
  });
}

// Of both: the fault is unreachable where the broker does not answer.

// (%broker-faults url callback): the callback's value is a list of what would lose reports there
SCM broker_faults(SCM url, SCM callback) {
  ask_broker<std::string>(
      "%broker-faults", url, callback,
      [](RedisConnection& redis, const auto& over) { check_durability(redis, over); },
      [](const std::string& fault) { return to_scm(std::string_view(fault)); });
  return SCM_UNSPECIFIED;
}

// (%broker-groups url callback): the callback's value is a list of #(name pending behind?
// needed-since idle-or-#f), times in seconds
SCM broker_groups(SCM url, SCM callback) {
  ask_broker<StreamGroup>(
      "%broker-groups", url, callback,
      [](RedisConnection& redis, const auto& over) {
        look_at_groups(redis, std::string(report_stream), over);
      },
      group_to_scm);
  return SCM_UNSPECIFIED;
}

}  // namespace

void define_broker_question_primitives() {
  define("%broker-faults", 2, reinterpret_cast<void*>(broker_faults));
  define("%broker-groups", 2, reinterpret_cast<void*>(broker_groups));
}

void close_broker_question_primitives() { asked.clear(); }

}  // namespace sheepdog::binding
