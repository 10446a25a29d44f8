// reporter.cc -- hands reports in on the best way there is.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/reporter.hh"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <vector>

#include "base/places.hh"
#include "broker/drop_link.hh"
#include "broker/file_way.hh"
#include "broker/redis_connection.hh"
#include "broker/stream_format.hh"
#include "broker/watched_run.hh"
#include "loop/lifeline.hh"
#include "loop/timer.hh"

namespace sheepdog {

namespace {

constexpr Micros tick_period = 50'000;
constexpr Micros slow_retry = 10 * micros_per_second;  ///< for a daemon that stays away
constexpr Micros file_patience = 4;                    ///< times that of a way with one behind it
constexpr std::uint64_t nobody = 0;                    ///< number of a line whose answer is not due

}  // namespace

class Reporter::Impl {
 public:
  Impl(Loop& loop, const Clock& clock, ReporterOptions options);

  void submit(Report report, std::function<void(Result<>)> done);
  void finish(std::function<void()> done);
  void hurry(Micros limit);

  WayTaken taken;

 private:
  enum class Way { redis, socket, file };
  /// A report as it travels.
  struct Wire {
    std::string text;
    std::string hostless;  ///< for who is not believed; empty where the user named the host
  };
  struct Item {
    std::string id;
    Wire wire;
    std::function<void(Result<>)> done;
    Way way = Way::socket;
    bool sent = false;
    Micros deadline = 0;  ///< on this way
  };
  using Items = std::map<std::uint64_t, Item>;
  /// A run whose end was not submitted yet.
  struct OwnRun {
    std::string id;
    Wire start;  ///< for a daemon that comes back
  };

  void connect_redis();
  void send(std::uint64_t number, Item& item);
  void send_waiting(Way way);
  void send_to_redis(std::uint64_t number, Item& item);
  void leave_redis(const Error& why);
  void put(std::uint64_t number, Item& item, Way way);
  bool open_link();
  const std::string& local(const Wire& wire, bool believed);
  void link_closed();
  void link_answered(std::uint64_t number, const Result<>& result);
  std::optional<FileWay::Line> line_of(std::uint64_t number, bool believed);
  void files_written(const std::vector<std::uint64_t>& numbers, const Result<std::string>& written);
  void answer(std::uint64_t number, Result<> result);
  bool link_may_return() const;
  void tick();
  void watch();
  void finish_if_done();

  Loop& loop_;
  const Clock& clock_;
  SystemRandom random_;
  ReporterOptions options_;
  LocalPlaces places_;
  Items items_;
  std::uint64_t last_number_ = nobody;
  bool redis_left_ = false;       ///< until it is up again
  Micros next_link_try_ = 0;
  std::optional<Micros> link_lost_;  ///< when a daemon went
  Micros tick_in_ = 0;
  Micros answered_ = 0;           ///< when something was last accepted: slow is not silent
  std::optional<OwnRun> own_run_;
  std::function<void()> finished_;
  std::optional<RedisConnection> redis_;
  DropLink link_;
  FileWay files_;
  Timer ticker_;
  Lifeline lifeline_;
};

Reporter::Impl::Impl(Loop& loop, const Clock& clock, ReporterOptions options)
    : loop_(loop),
      clock_(clock),
      options_(std::move(options)),
      places_(local_places(options_)),
      link_(loop, {[this](std::uint64_t number, const Result<>& result) {
                     link_answered(number, result);
                   },
                   [this] { link_closed(); }}),
      files_(loop, places_.directories,
             {[this](std::uint64_t number, bool believed) { return line_of(number, believed); },
              [this](const std::vector<std::uint64_t>& numbers,
                     const Result<std::string>& written) { files_written(numbers, written); }}),
      ticker_(loop) {
  if (!options_.broker.empty()) connect_redis();
  if (!redis_ && !open_link()) taken.local(files_.path());
}

void Reporter::Impl::connect_redis() {
  auto address = parse_broker_address(options_.broker);
  if (!address) {
    taken.trouble = address.error().text();
    return;
  }
  taken.redis(address->text());
  redis_.emplace(loop_, random_, *std::move(address), RedisOptions{},
                 RedisConnection::Events{[this] {
                                           redis_left_ = false;
                                           taken.redis(redis_->address().text());
                                           send_waiting(Way::redis);
                                         },
                                         [this](const Error& why) {
                                           taken.trouble = why.text();
                                           // A password does not become right by waiting.
                                           if (why.code == ErrorCode::denied) leave_redis(why);
                                         }});
}

void Reporter::Impl::submit(Report report, std::function<void(Result<>)> done) {
  const auto number = ++last_number_;
  // Whichever way it takes in the end: the start and the end of a run have one host.
  auto& item = items_[number];
  item.id = report.id.text();
  if (report.host.empty() && redis_) {
    if (::geteuid() != 0) item.wire.hostless = to_wire(report);
    report.host = options_.host;
  }
  item.wire.text = to_wire(report);
  item.done = std::move(done);
  if (const auto run = phase_of(report)) {
    if (run->phase == "start") own_run_ = {run->run, item.wire};
    else if (run->phase == "end" && own_run_ && run->run == own_run_->id) own_run_.reset();
  }
  if (const auto size = item.wire.text.size(); size > report_size_limit)
    return answer(number, Error{ErrorCode::invalid,
                                fmt::format("{} bytes; a report has at most {}", size,
                                            report_size_limit),
                                ""});
  put(number, item, redis_ && !redis_left_ ? Way::redis : Way::socket);
}

/// Hand ITEM in on WAY from now on.
void Reporter::Impl::put(std::uint64_t number, Item& item, Way way) {
  item.way = way;
  item.sent = false;
  item.deadline = clock_.monotonic() + options_.patience * (way == Way::file ? file_patience : 1);
  send(number, item);
  watch();
}

void Reporter::Impl::send(std::uint64_t number, Item& item) {
  switch (item.way) {
    case Way::redis:
      if (redis_->is_up()) send_to_redis(number, item);
      return;
    case Way::socket:
      // With no daemon there is nothing to wait for, unless one was here just now.
      if (!link_.is_open() && !open_link()) {
        if (!link_may_return()) put(number, item, Way::file);
        return;
      }
      item.sent = true;
      link_.send(number, local(item.wire, link_.is_believed()));
      return;
    case Way::file:
      item.sent = true;
      files_.write(number);
      return;
  }
}

void Reporter::Impl::send_waiting(Way way) {
  for (auto& [number, item] : items_)
    if (item.way == way && !item.sent) send(number, item);
}

void Reporter::Impl::send_to_redis(std::uint64_t number, Item& item) {
  item.sent = true;
  const Entry entry{{}, item.wire.text, 0, ""};
  redis_->command(xadd_command(report_stream, entry),
                  [this, number](const Result<const redisReply*>& reply) {
                    if (reply) {
                      taken.redis(redis_->address().text());
                      answered_ = clock_.monotonic();
                      return answer(number, {});
                    }
                    taken.trouble = reply.error().text();
                    const auto found = items_.find(number);
                    if (found == items_.end() || found->second.way != Way::redis) return;
                    if (is_transient(reply.error().code)) found->second.sent = false;
                    else put(number, found->second, Way::socket);
                  });
}

/// Redis does not answer: what waits for it goes the local way, and so does what comes.
void Reporter::Impl::leave_redis(const Error& why) {
  taken.trouble = why.text();
  redis_left_ = true;
  for (auto& [number, item] : items_)
    if (item.way == Way::redis) put(number, item, Way::socket);
}

bool Reporter::Impl::open_link() {
  const auto opened = link_.connect(places_.sockets);
  if (!opened) return false;
  link_lost_.reset();
  if (!redis_ || redis_left_) taken.local(link_.path());
  // A daemon that was away learns of the run that goes on; unless its start is still to be sent.
  if (own_run_ && std::none_of(items_.begin(), items_.end(), [this](const auto& one) {
        return one.second.wire.text == own_run_->start.text;
      }))
    link_.send(nobody, local(own_run_->start, link_.is_believed()));
  return true;
}

/// WIRE for a daemon of this machine, which may BELIEVE us which host it is about.
const std::string& Reporter::Impl::local(const Wire& wire, bool believed) {
  if (believed || wire.hostless.empty()) return wire.text;
  taken.host_left_out = true;
  return wire.hostless;
}

void Reporter::Impl::link_closed() {
  link_lost_ = clock_.monotonic();
  for (auto& [number, item] : items_)
    if (item.way == Way::socket) item.sent = false;
  watch();
}

void Reporter::Impl::link_answered(std::uint64_t number, const Result<>& result) {
  const auto found = items_.find(number);
  if (found == items_.end() || found->second.way != Way::socket) return;
  if (result || !is_transient(result.error().code)) {
    taken.local(link_.path());
    answered_ = clock_.monotonic();
    return answer(number, result);
  }
  taken.trouble = result.error().text();
  put(number, found->second, Way::file);
}

/// The report NUMBER for a file, whose reader may BELIEVE us.
std::optional<FileWay::Line> Reporter::Impl::line_of(std::uint64_t number, bool believed) {
  const auto found = items_.find(number);
  if (found == items_.end()) return std::nullopt;
  return FileWay::Line{found->second.id, local(found->second.wire, believed)};
}

void Reporter::Impl::files_written(const std::vector<std::uint64_t>& numbers,
                                   const Result<std::string>& written) {
  if (written) {
    taken.local(*written);
    answered_ = clock_.monotonic();
    const auto places = places_of(options_.state_dir);
    if (options_.state_dir_typed && ::access(places.lock.c_str(), F_OK) != 0 && errno == ENOENT)
      taken.unattended = places.state_dir;
  }
  for (const auto number : numbers) answer(number, written ? Result<>() : written.error());
}

/// Always in a later turn, so that the caller may do whatever it likes.
void Reporter::Impl::answer(std::uint64_t number, Result<> result) {
  const auto item = items_.extract(number);
  if (item.empty()) return;
  loop_.post(lifeline_.tie([done = item.mapped().done, result = std::move(result)] {
    if (done) done(result);
  }));
  finish_if_done();
}

/// A daemon that went just now is probably being restarted.
bool Reporter::Impl::link_may_return() const {
  return link_lost_ && clock_.monotonic() - *link_lost_ < options_.patience;
}

void Reporter::Impl::tick() {
  const Micros now = clock_.monotonic();
  if (!link_.is_open() && now >= next_link_try_ && (!redis_ || redis_left_)) {
    next_link_try_ = link_may_return() ? now : now + slow_retry;
    open_link();
  }
  send_waiting(Way::redis);
  if (link_.is_open()) send_waiting(Way::socket);
  std::vector<std::uint64_t> late;
  const bool moving = answered_ != 0 && now - answered_ < options_.patience;
  for (const auto& [number, item] : items_)
    if (now >= item.deadline && !moving) late.push_back(number);
  for (const auto number : late) {
    const auto found = items_.find(number);
    if (found == items_.end() || now < found->second.deadline) continue;
    switch (found->second.way) {
      case Way::redis:
        leave_redis({ErrorCode::timeout,
                     taken.trouble.empty() ? "the broker is silent" : taken.trouble, ""});
        break;
      case Way::socket:
        put(number, found->second, Way::file);
        break;
      case Way::file:
        answer(number, Error{ErrorCode::timeout, "the disk does not answer",
                             files_.path()});
        break;
    }
  }
  watch();
}

/// The ticker runs while something is waited for: often for an answer or a daemon's restart, seldom
/// for a daemon that an open run could be watched by.
void Reporter::Impl::watch() {
  const bool unwatched = !link_.is_open() && own_run_ && !taken.over_redis;
  if (items_.empty() && !unwatched) return ticker_.stop();
  const Micros in = items_.empty() && !link_may_return() ? slow_retry : tick_period;
  if (ticker_.is_active() && tick_in_ <= in) return;
  tick_in_ = in;
  ticker_.once(in, [this] { tick(); });
}

void Reporter::Impl::finish(std::function<void()> done) {
  finished_ = std::move(done);
  finish_if_done();
}

void Reporter::Impl::hurry(Micros limit) {
  options_.patience = limit;
  for (auto& [number, item] : items_) {
    if (item.way != Way::file) put(number, item, Way::file);
    item.deadline = clock_.monotonic() + limit;
  }
  watch();
}

void Reporter::Impl::finish_if_done() {
  if (!finished_ || !items_.empty()) return;
  loop_.post(lifeline_.tie([this] {
    if (!items_.empty()) return;
    const auto call = std::exchange(finished_, nullptr);
    redis_.reset();
    link_.close();
    files_.close();
    ticker_.stop();
    if (call) call();
  }));
}

Reporter::Reporter(Loop& loop, const Clock& clock, ReporterOptions options)
    : impl_(std::make_unique<Impl>(loop, clock, std::move(options))) {}
Reporter::~Reporter() = default;

void Reporter::submit(Report report, std::function<void(Result<>)> done) {
  impl_->submit(std::move(report), std::move(done));
}
void Reporter::finish(std::function<void()> done) { impl_->finish(std::move(done)); }
void Reporter::hurry(Micros limit) { impl_->hurry(limit); }
const WayTaken& Reporter::way_taken() const { return impl_->taken; }

}  // namespace sheepdog
