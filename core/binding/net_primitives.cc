// net_primitives.cc -- mail for Scheme.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <optional>

#include "binding/convert.hh"
#include "binding/core.hh"
#include "net/mail.hh"

namespace sheepdog::binding {

namespace {

// Made with the first mail: most processes send none.
std::optional<Mailer> mailer;

bool is_strings(SCM value, std::size_t n) {
  if (!scm_is_vector(value) || scm_c_vector_length(value) != n) return false;
  for (std::size_t i = 0; i < n; ++i)
    if (!scm_is_string(scm_c_vector_ref(value, i))) return false;
  return true;
}

Result<MailServer::Encryption> parse_encryption(const std::string& name) {
  if (name == "none") return MailServer::Encryption::none;
  if (name == "opportunistic") return MailServer::Encryption::opportunistic;
  if (name == "required") return MailServer::Encryption::required;
  return Error{ErrorCode::invalid, "encryption is none, opportunistic or required", name};
}

// (%mail-send #(url user password encryption) #(from to subject body message-id) timeout callback)
// -> number.  All strings: USER is empty for no authentication, ENCRYPTION none, opportunistic or
// required; TIMEOUT seconds; CALLBACK is called with a fault, (code . message) or #f, and #f.
SCM mail_send(SCM server, SCM mail, SCM timeout, SCM callback) {
  const char* who = "%mail-send";
  expect_argument(is_strings(server, 4), who, 1, server, "vector of 4 strings");
  expect_argument(is_strings(mail, 5), who, 2, mail, "vector of 5 strings");
  expect_argument(scm_is_real(timeout), who, 3, timeout, "number of seconds");
  expect_argument(scm_is_true(scm_procedure_p(callback)), who, 4, callback, "procedure");
  std::int64_t id = 0;
  work(who, [&]() -> Result<> {
    const auto text = [](SCM vector, std::size_t i) {
      return to_string(scm_c_vector_ref(vector, i));
    };
    const auto encryption = parse_encryption(text(server, 3));
    if (!encryption) return encryption.error();
    const auto limit = to_micros(timeout);
    if (!limit) return limit.error();
    if (!mailer) mailer.emplace(core().loop);
    const auto sent = mailer->send(
        {.url = text(server, 0),
         .user = text(server, 1),
         .password = text(server, 2),
         .encryption = *encryption},
        {.from = text(mail, 0),
         .to = {text(mail, 1)},
         .subject = text(mail, 2),
         .body = text(mail, 3),
         .date = core().clock.now(),
         .message_id = text(mail, 4)},
        *limit, [kept = Kept(callback)](const Result<>& done) {
          call_or_log("mail", kept, {done ? SCM_BOOL_F : to_scm(done.error()), SCM_BOOL_F});
        });
    if (!sent) return sent.error();
    id = *sent;
    return {};
  });
  return scm_from_int64(id);
}

// (%mail-cancel number) gives up a mail; its callback is not called any more
SCM mail_cancel(SCM id) {
  expect_argument(scm_is_signed_integer(id, 0, INT64_MAX), "%mail-cancel", 1, id, "mail");
  if (mailer) mailer->cancel(scm_to_int64(id));
  return SCM_UNSPECIFIED;
}

// (%mail-check url from to) raises where there could be no such server or addresses
SCM mail_check(SCM url, SCM from, SCM to) {
  const char* who = "%mail-check";
  expect_argument(scm_is_string(url), who, 1, url, "string");
  expect_argument(scm_is_string(from), who, 2, from, "string");
  expect_argument(scm_is_string(to), who, 3, to, "string");
  work(who, [&]() -> Result<> {
    if (auto checked = check_mail_server(to_string(url)); !checked) return checked;
    for (const SCM address : {from, to})
      if (const auto checked = mail_address(to_string(address)); !checked) return checked.error();
    return {};
  });
  return SCM_UNSPECIFIED;
}

}  // namespace

void define_net_primitives() {
  define("%mail-send", 4, reinterpret_cast<void*>(mail_send));
  define("%mail-cancel", 1, reinterpret_cast<void*>(mail_cancel));
  define("%mail-check", 3, reinterpret_cast<void*>(mail_check));
}

void close_net_primitives() { mailer.reset(); }

}  // namespace sheepdog::binding
