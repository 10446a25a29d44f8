// group_primitives.cc -- the consumer groups of the broker's stream for Scheme.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <optional>
#include <utility>

#include "binding/async_answer.hh"
#include "binding/convert.hh"
#include "binding/core.hh"
#include "broker/address.hh"
#include "broker/stream_groups.hh"

namespace sheepdog::binding {

namespace {

/// A connection that is opened only to ask; one at a time.
std::optional<RedisConnection> asked;

SCM group_to_scm(const StreamGroup& group) {
  return scm_vector(scm_list_5(to_scm(std::string_view(group.name)), scm_from_int64(group.pending),
                               scm_from_bool(group.behind), seconds_to_scm(group.needed_since),
                               group.idle ? seconds_to_scm(*group.idle) : SCM_BOOL_F));
}

// (%broker-groups url callback): the callback's value is a list of #(name pending behind?
// needed-since idle-or-#f), times in seconds; its fault is unreachable where the broker does not
// answer. One at a time.
SCM broker_groups(SCM url, SCM callback) {
  const char* who = "%broker-groups";
  expect_argument(scm_is_string(url), who, 1, url, "string");
  expect_argument(scm_is_true(scm_procedure_p(callback)), who, 2, callback, "procedure");
  work(who, [&]() -> Result<> {
    const auto address = parse_broker_address(to_string(url));
    if (!address) return address.error();
    const auto once = std::make_shared<bool>(false);
    const auto over = [answer = Answer(who, callback),
                       once](const Result<std::vector<StreamGroup>>& groups) {
      if (std::exchange(*once, true)) return;
      // The connection goes in a later turn, since this may run within one of its callbacks.
      core().loop.post([] { asked.reset(); });
      if (!groups) return answer.fail(groups.error());
      SCM list = SCM_EOL;
      for (auto it = groups->rbegin(); it != groups->rend(); ++it)
        list = scm_cons(group_to_scm(*it), list);
      answer.succeed(list);
    };
    asked.emplace(core().loop, core().random, *address, RedisOptions{},
                  RedisConnection::Events{
                      [over] { look_at_groups(*asked, std::string(report_stream), over); },
                      [over](const Error& error) { over(error); }});
    return {};
  });
  return SCM_UNSPECIFIED;
}

}  // namespace

void define_group_primitives() {
  define("%broker-groups", 2, reinterpret_cast<void*>(broker_groups));
}

void close_group_primitives() { asked.reset(); }

}  // namespace sheepdog::binding
