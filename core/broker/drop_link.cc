// drop_link.cc -- the reporter's end of the drop socket.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/drop_link.hh"

#include <unistd.h>

#include "loop/local_socket.hh"

namespace sheepdog {

namespace {

/// "ok ID" or "error CODE: REASON".
Result<> result_of(std::string_view answer) {
  if (answer.starts_with("ok")) return {};
  if (!answer.starts_with("error "))
    return Error{ErrorCode::io, "the daemon answered nonsense", ""};
  answer.remove_prefix(6);
  const auto colon = answer.find(": ");
  if (colon != std::string_view::npos)
    for (const auto code : {ErrorCode::invalid, ErrorCode::denied, ErrorCode::refused,
                            ErrorCode::unsupported, ErrorCode::full, ErrorCode::busy})
      if (answer.substr(0, colon) == to_string(code))
        return Error{code, std::string(answer.substr(colon + 2)), ""};
  return Error{ErrorCode::io, std::string(answer), ""};
}

}  // namespace

Result<> DropLink::connect(const std::vector<std::string>& paths) {
  Result<> last = Error{ErrorCode::not_found, "no daemon's socket", ""};
  for (const auto& path : paths) {
    auto fd = connect_local(path);
    if (!fd) {
      // A daemon that is busy says more than a socket that is not there.
      if (last.error().code != ErrorCode::busy) last = fd.error();
      continue;
    }
    path_ = path;
    const auto daemon = peer_user(fd->get());
    believed_ = ::geteuid() == 0 || (daemon && *daemon == ::geteuid());
    begun_.clear();
    due_.clear();
    stream_ = Stream(loop_, *std::move(fd),
                     {{},
                      [this](std::string_view bytes) { received(bytes); },
                      [this] { ended(); },
                      [this](const Error&) { ended(); },
                      {}});
    return {};
  }
  return last;
}

void DropLink::send(std::uint64_t number, std::string_view line) {
  due_.push_back(number);
  stream_.send(line);
  stream_.send("\n");
}

void DropLink::received(std::string_view bytes) {
  begun_.append(bytes);
  std::size_t at = 0;
  for (auto end = begun_.find('\n'); end != std::string::npos; end = begun_.find('\n', at)) {
    const auto result = result_of(std::string_view(begun_).substr(at, end - at));
    at = end + 1;
    if (due_.empty()) continue;  // said unasked, before it closes
    const auto number = due_.front();
    due_.pop_front();
    events_.answered(number, result);
  }
  begun_.erase(0, at);
}

void DropLink::close() {
  stream_ = {};
  due_.clear();
}

void DropLink::ended() {
  close();
  events_.closed();
}

}  // namespace sheepdog
