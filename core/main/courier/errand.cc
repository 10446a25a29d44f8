// errand.cc -- what a courier is sent for.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/courier/errand.hh"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "base/clock.hh"
#include "base/file.hh"
#include "net/mail.hh"
#include "process/capture.hh"
#include "process/child.hh"

namespace sheepdog {

namespace {

constexpr std::size_t kept_output = 4096;  // bytes at the beginning and at the end

Json fault_of(const Error& error) {
  std::string code(to_string(error.code));
  std::replace(code.begin(), code.end(), ' ', '-');
  return {{"fault", {{"code", code}, {"message", error.text()}}}};
}

Micros micros(const Json& seconds) {
  return static_cast<Micros>(seconds.get<double>() * micros_per_second);
}

/// Read here and not by who sent us, so that it is in no file and no list of arguments.
Result<std::string> password_of(const Json& errand) {
  if (const auto file = errand.value("password-file", std::string()); !file.empty()) {
    const auto text = read_file(file, 4096);
    if (!text) return Error{ErrorCode::denied, text.error().message, "the password " + file};
    return text->substr(0, text->find_first_of("\r\n"));
  }
  const auto variable = errand.value("password-variable", std::string());
  if (variable.empty()) return std::string();
  const char* value = std::getenv(variable.c_str());
  if (value == nullptr)
    return Error{ErrorCode::denied, "the environment has no variable " + variable, ""};
  return std::string(value);
}

MailServer::Encryption encryption_of(const std::string& name) {
  if (name == "none") return MailServer::Encryption::none;
  if (name == "opportunistic") return MailServer::Encryption::opportunistic;
  return MailServer::Encryption::required;
}

void send(const Json& errand, const std::function<void(const Json&)>& done) {
  const auto text = [&](const char* name) { return errand.at(name).get<std::string>(); };
  const auto password = password_of(errand);
  if (!password) return done(fault_of(password.error()));
  send_mail({.url = text("server"),
             .user = text("user"),
             .password = *password,
             .encryption = encryption_of(text("encryption")),
             .ca_file = errand.value("ca-file", std::string())},
            {.from = text("from"),
             .to = text("to"),
             .subject = text("subject"),
             .body = text("body"),
             .date = micros(errand.at("time")),
             .message_id = text("message-id")},
            micros(errand.at("timeout")), [&](const Result<>& taken) {
              done(taken ? Json{{"fault", nullptr}} : fault_of(taken.error()));
            });
}

void run(const Json& errand, const std::function<void(const Json&)>& done) {
  Loop loop;
  const SystemClock clock;
  ChildOptions options;
  options.argv = errand.at("argv").get<std::vector<std::string>>();
  options.input = Stream::pipe;
  options.input_bytes = errand.at("input").get<std::string>();
  options.timeout = micros(errand.at("timeout"));
  Capture output(kept_output, kept_output);
  ChildEnd end;
  {
    const Child child(
        loop, clock, std::move(options),
        [&](Output, std::string_view bytes) { output.add(bytes); },
        [&](const ChildEnd& e) { end = e; });
    loop.run();
  }
  if (end.how == ChildEnd::How::not_started || end.how == ChildEnd::How::lost)
    return done(fault_of({ErrorCode::io, end.text(), ""}));
  const bool exited = end.how == ChildEnd::How::exited;
  done({{"fault", nullptr},
        {"how", end.timed_out ? "timed-out" : exited ? "exited" : "signalled"},
        {"exit", exited ? Json(end.exit_status) : Json()},
        {"signal", exited ? Json() : Json(end.signal)},
        {"output", output.head() + output.tail()}});
}

}  // namespace

void do_errand(const Json& errand, const std::function<void(const Json&)>& done) {
  if (errand.at("kind") == "mail") send(errand, done);
  else run(errand, done);
}

}  // namespace sheepdog
