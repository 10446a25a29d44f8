// drop_server.cc -- reports from local reporters.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/drop_server.hh"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "base/log.hh"
#include "loop/stream.hh"

namespace sheepdog {

namespace {

constexpr std::size_t unread_answers = 65536;  ///< bytes of answers that a slow reader may leave
constexpr std::size_t runs_of_connection = 64;
constexpr std::size_t line_cost = 128;  ///< what an answer takes, however short its line

std::string answer_line(const Error& error) {
  std::string line = fmt::format("error {}: {}", to_string(error.code), error.text());
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return line + '\n';
}

}  // namespace

struct DropServer::Connection {
  ConnectionId id = 0;
  Sender sender;
  Stream stream;
  std::string begun;         ///< a line whose end has not come; of one too long its beginning
  std::size_t length = 0;    ///< of that line
  std::size_t counted = 0;   ///< of begun, in unfinished_of_
  std::size_t unanswered = 0;
  bool ended = false;
  bool closing = false;      ///< no further lines are taken
  std::set<RunKey> runs;
};

/// What one read brought: entries for the spool, and the answers that follow its sync.
struct DropServer::Lines {
  struct Answer {
    std::string text;
    bool accepted = false;
  };
  std::vector<SpoolEntry> entries;
  std::vector<Answer> answers;
  std::size_t bytes = 0;
  std::size_t held = 0;  ///< bytes of entries
};

Result<std::unique_ptr<DropServer>> DropServer::open(Loop& loop, const Clock& clock, Random& random,
                                                     Spool& spool, DropOptions options) {
  const auto directory = options.path.substr(0, options.path.rfind('/'));
  const bool missing = ::access(directory.c_str(), F_OK) != 0;
  if (auto made = make_directories(directory, options.everyone ? 0755 : 0700); !made)
    return made.error();
  // Whatever the umask is, everyone has to reach it.
  if (missing && options.everyone && ::chmod(directory.c_str(), 0755) != 0)
    return errno_error(errno, directory);
  const std::string path = options.path;
  const mode_t mode = options.everyone ? 0666 : 0600;
  std::unique_ptr<DropServer> server(
      new DropServer(loop, clock, random, spool, std::move(options)));
  auto listener = LocalListener::open(
      loop, path, mode, [self = server.get()](Fd fd) { self->accept(std::move(fd)); });
  if (!listener) return listener.error();
  server->listener_ = *std::move(listener);
  spool.open_runs(
      server->lifeline_.tie([self = server.get()](Result<std::vector<OpenRun>> runs) {
        if (runs) self->expect_wrappers(*runs);
        else log::error("drop socket: {}", runs.error().text());
      }));
  return server;
}

DropServer::DropServer(Loop& loop, const Clock& clock, Random& random, Spool& spool,
                       DropOptions options)
    : loop_(loop),
      clock_(clock),
      ids_(clock, random),
      spool_(spool),
      options_(std::move(options)),
      return_timer_(loop) {}

DropServer::~DropServer() = default;

DropServer::Connection* DropServer::find(ConnectionId id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

void DropServer::accept(Fd fd) {
  const auto user = peer_user(fd.get());
  if (!user) return;
  const auto sender = sender_of(*user);
  const auto of_user = connections_of_.find(sender.uid);
  if (connections_.size() >= options_.connections ||
      (!sender.privileged && of_user != connections_of_.end() &&
       of_user->second >= options_.connections_of_user)) {
    const auto line = answer_line({ErrorCode::busy, "too many connections", ""});
    const auto told = write_all(fd.get(), line);
    if (!told) log::debug("drop socket: {}", told.error().text());
    return;
  }
  ++connections_of_[sender.uid];
  auto connection = std::make_unique<Connection>();
  const auto id = connection->id = ++last_id_;
  connection->sender = sender;
  StreamEvents on;
  on.bytes = [this, id](std::string_view bytes) {
    if (auto* from = find(id)) received(*from, bytes);
  };
  on.ended = [this, id] {
    if (auto* from = find(id)) ended(*from);
  };
  on.failed = [this, id](const Error&) { close(id); };
  on.drained = [this, id] {
    auto* to = find(id);
    if (to == nullptr) return;
    hold_back(*to);
    close_if_done(*to);
  };
  connection->stream = Stream(loop_, std::move(fd), std::move(on));
  connections_.emplace(id, std::move(connection));
}

void DropServer::received(Connection& from, std::string_view bytes) {
  if (from.closing) return;
  Lines lines;
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto piece = bytes.substr(0, end);
    from.length += piece.size();
    from.begun.append(piece);
    // Of a line that is too long only what a dead letter keeps is kept.
    if (from.length > report_size_limit && from.begun.size() > dead_letter_limit)
      from.begun.resize(dead_letter_limit);
    if (end == std::string_view::npos) break;
    finish_line(from, lines);
    bytes.remove_prefix(end + 1);
  }
  if (!from.sender.privileged) {
    auto& unfinished = unfinished_of_[from.sender.uid];
    unfinished = unfinished - from.counted + from.begun.size();
    from.counted = from.begun.size();
    if (unfinished > options_.unfinished) {
      lines.answers.push_back(
          {answer_line({ErrorCode::full, "too many lines were begun and not ended", ""})});
      from.closing = true;
    }
  }
  append(from, std::move(lines));
}

void DropServer::finish_line(Connection& from, Lines& lines) {
  const std::string line = std::exchange(from.begun, {});
  const std::size_t length = std::exchange(from.length, 0);
  lines.bytes += length + line_cost;
  const bool whole = length == line.size();
  if (whole && line.find_first_not_of(" \t\r") == std::string::npos) {
    lines.answers.push_back({answer_line({ErrorCode::invalid, "an empty line, not a report", ""})});
    return;
  }
  const auto quota = spool_.limit() / 4;
  if (!from.sender.privileged &&
      spool_.held_by(from.sender.uid) + lines.held + line.size() > quota) {
    lines.answers.push_back(
        {answer_line({ErrorCode::full,
                      fmt::format("user {} has as much waiting as a user may", from.sender.uid),
                      ""})});
    return;
  }
  if (whole) {
    hand_in(from, line, lines);
  } else {
    auto refused = refuse(line,
                          {ErrorCode::invalid,
                           fmt::format("a line of {} bytes; a report has at most {}", length,
                                       report_size_limit),
                           ""},
                          from.sender, clock_.now());
    lines.answers.push_back({answer_line(refused.verdict.error())});
    lines.held += held_size(refused.entry);
    lines.entries.push_back(std::move(refused.entry));
  }
}

void DropServer::hand_in(Connection& from, std::string_view line, Lines& lines) {
  auto admission =
      admit(line, from.sender, options_.host, ids_.next().text(), clock_.now());
  if (admission.verdict) {
    lines.answers.push_back({"ok " + admission.report.id.text() + "\n", true});
    follow_run(from, admission.entry, admission.report);
  } else {
    Error why = admission.verdict.error();
    if (is_transient(why.code)) why.code = ErrorCode::invalid;  // it will never fit
    lines.answers.push_back({answer_line(why)});
  }
  lines.held += held_size(admission.entry);
  lines.entries.push_back(std::move(admission.entry));
}

/// The connection that told the start of a run stands for its wrapper.
void DropServer::follow_run(Connection& from, SpoolEntry& entry, const Report& report) {
  if (entry.mark == RunMark::none) return;
  const RunKey key{entry.run, entry.uid};
  if (entry.mark == RunMark::closes) {
    runs_.erase(key);
    from.runs.erase(key);
    return;
  }
  if (from.runs.size() >= runs_of_connection && !from.runs.contains(key)) {
    entry.mark = RunMark::none;
    return;
  }
  from.runs.insert(key);
  runs_[key] = {*opened_run(report), from.id};
}

void DropServer::append(Connection& from, Lines lines) {
  if (lines.answers.empty()) return;
  from.unanswered += lines.bytes;
  hold_back(from);
  auto entries = std::exchange(lines.entries, {});
  // Also without an entry: the answer has its place after those before it.
  spool_.append(std::move(entries),
                lifeline_.tie([this, id = from.id, lines = std::move(lines)](Result<> result) {
                  answered(id, lines, result);
                }));
}

void DropServer::answered(ConnectionId to, const Lines& lines, const Result<>& result) {
  if (!result) log::warning("drop socket: not accepted: {}", result.error().text());
  auto* connection = find(to);
  if (connection == nullptr) return;
  std::string text;
  for (const auto& answer : lines.answers)
    text += answer.accepted && !result ? answer_line(result.error()) : answer.text;
  connection->unanswered -= lines.bytes;
  connection->stream.send(text);
  hold_back(*connection);
  close_if_done(*connection);
}

/// Who is far ahead, or does not read the answers, has to wait.
void DropServer::hold_back(Connection& connection) {
  connection.stream.set_reading(connection.unanswered < options_.unanswered &&
                                connection.stream.unsent() < unread_answers);
}

void DropServer::ended(Connection& from) {
  if (!from.begun.empty()) {
    Lines lines;
    finish_line(from, lines);
    append(from, std::move(lines));
  }
  from.ended = true;
  for (const auto& key : std::exchange(from.runs, {}))
    if (const auto run = runs_.find(key); run != runs_.end() && run->second.connection == from.id)
      vanish(key);
  close_if_done(from);
}

void DropServer::close_if_done(Connection& connection) {
  if ((connection.ended || connection.closing) && connection.unanswered == 0 &&
      connection.stream.unsent() == 0)
    close(connection.id);
}

void DropServer::close(ConnectionId id) {
  auto node = connections_.extract(id);
  if (node.empty()) return;
  auto& connection = *node.mapped();
  const auto uid = connection.sender.uid;
  if (const auto of = connections_of_.find(uid); --of->second == 0) connections_of_.erase(of);
  if (const auto of = unfinished_of_.find(uid); of != unfinished_of_.end()) {
    of->second -= connection.counted;
    if (of->second == 0) unfinished_of_.erase(of);
  }
  if (!connection.ended) ended(connection);
}

void DropServer::expect_wrappers(const std::vector<OpenRun>& runs) {
  for (const auto& open : runs) {
    auto run = read_opening(open.opening);
    if (!run) continue;
    runs_.try_emplace({open.run, open.uid}, Watch{*std::move(run), 0});
  }
  return_timer_.once(options_.return_time, [this] {
    std::vector<RunKey> gone;
    for (const auto& [key, watch] : runs_)
      if (watch.connection == 0) gone.push_back(key);
    for (const auto& key : gone) vanish(key);
  });
}

void DropServer::vanish(const RunKey& key) {
  const auto run = runs_.extract(key);
  std::vector<SpoolEntry> entries;
  entries.push_back(vanished(run.mapped().run, clock_.now()));
  entries.back().uid = key.second;
  spool_.append(std::move(entries), [](const Result<>& result) {
    // The spool remembers the run as open: it vanishes after the next start.
    if (!result) log::warning("drop socket: a vanished run is not told: {}", result.error().text());
  });
}

}  // namespace sheepdog
