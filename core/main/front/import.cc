// import.cc -- read history from elsewhere, as a command.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/front/import.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>

#include "base/file.hh"
#include "base/report.hh"
#include "broker/reporter.hh"
#include "loop/worker.hh"
#include "main/front/checks.hh"
#include "main/front/progress.hh"

namespace sheepdog {

namespace {

constexpr std::size_t chunk_size = 256 * 1024;
constexpr std::size_t most_unanswered = 2000;  // reports; past that, reading waits
constexpr std::uint64_t most_complaints = 20;  // lines that are named one by one
constexpr int exit_left_out = 1;
constexpr int exit_usage = 2;
constexpr int exit_unreachable = 3;

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

/// Reads on a thread, since a pipe may keep it waiting; reports from the loop.
class Import {
 public:
  Import(Loop& loop, const Clock& clock, Fd fd, std::uint64_t size, const cli::Parsed& parsed,
         std::unique_ptr<Worker> worker)
      : loop_(loop), clock_(clock), fd_(std::move(fd)), progress_(clock, STDERR_FILENO, size),
        reporter_(loop, clock,
                  reporter_options(parsed.text("broker"), parsed.text("state-dir"))),
        worker_(std::move(worker)) {}

  int run() {
    read();
    loop_.run();
    return end();
  }

 private:
  struct Chunk {
    std::string bytes;
    int number = 0;  ///< errno
  };

  void read();
  void take(const Chunk& chunk);
  void take_line(std::string_view line);
  void submit(Report report);
  void continue_or_finish();
  int end();

  Loop& loop_;
  const Clock& clock_;
  Fd fd_;
  Progress progress_;
  std::string rest_;        ///< the beginning of a line
  bool too_long_ = false;   ///< of a line that is longer than a report may be
  bool reading_ = false;
  bool at_end_ = false;
  bool finishing_ = false;
  int read_fault_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t lines_ = 0;
  std::uint64_t accepted_ = 0;
  std::uint64_t left_out_ = 0;
  std::size_t unanswered_ = 0;
  std::optional<Error> refused_;
  Reporter reporter_;
  std::unique_ptr<Worker> worker_;
};

void Import::read() {
  reading_ = true;
  worker_->submit([this, fd = fd_.get()]() -> std::function<void()> {
    Chunk chunk;
    chunk.bytes.resize(chunk_size);
    ssize_t n = 0;
    do n = ::read(fd, chunk.bytes.data(), chunk.bytes.size());
    while (n < 0 && errno == EINTR);
    chunk.number = n < 0 ? errno : 0;
    chunk.bytes.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return [this, chunk = std::move(chunk)] { take(chunk); };
  });
}

void Import::take(const Chunk& chunk) {
  reading_ = false;
  read_fault_ = chunk.number;
  bytes_ += chunk.bytes.size();
  std::string_view bytes = chunk.bytes;
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto piece = bytes.substr(0, end);
    if (rest_.size() + piece.size() > report_size_limit) {
      too_long_ = true;
      rest_.clear();
    }
    if (!too_long_) rest_ += piece;
    if (end == bytes.npos) break;
    take_line(rest_);
    rest_.clear();
    too_long_ = false;
    bytes.remove_prefix(end + 1);
  }
  if (chunk.bytes.empty()) {
    at_end_ = true;
    if (!rest_.empty() || too_long_) take_line(rest_);
  }
  continue_or_finish();
}

void Import::take_line(std::string_view line) {
  ++lines_;
  if (!too_long_ && line.find_first_not_of(" \t\r") == line.npos) return;
  const Error long_line{ErrorCode::full,
                        fmt::format("longer than the {} bytes of a report", report_size_limit), {}};
  auto report = too_long_ ? Result<Report>(long_line) : parse_report(line, line, clock_.now());
  if (report) {
    report->imported = true;
    // With its id and as we write numbers it may have got longer; never more than sixfold.
    const bool may_fit = line.size() < report_size_limit / 8;
    const auto size = may_fit ? 0 : to_wire(*report).size();
    if (size <= report_size_limit) return submit(std::move(*report));
    report = Error{ErrorCode::full,
                   fmt::format("{} bytes with its id; a report has at most {}", size,
                               report_size_limit),
                   {}};
  }
  if (left_out_++ >= most_complaints) return;
  progress_.clear();
  fmt::print(stderr, "sheepdog import: line {}: {}\n", lines_, report.error().text());
}

void Import::submit(Report report) {
  ++unanswered_;
  reporter_.submit(std::move(report), [this](const Result<>& answer) {
    --unanswered_;
    if (answer) ++accepted_;
    else if (!refused_) refused_ = answer.error();
    continue_or_finish();
  });
}

void Import::continue_or_finish() {
  progress_.update(bytes_, accepted_, "reports");
  if (reading_ || finishing_) return;
  if (!at_end_ && !refused_) {
    if (unanswered_ < most_unanswered) read();
    return;
  }
  if (unanswered_ > 0) return;
  finishing_ = true;
  reporter_.finish([this] { loop_.stop(); });
}

int Import::end() {
  progress_.clear();
  int status = left_out_ > 0 ? exit_left_out : 0;
  if (read_fault_ != 0) {
    fmt::print(stderr, "sheepdog import: {}\n", errno_error(read_fault_, "read").text());
    status = exit_usage;
  }
  if (refused_) {
    fmt::print(stderr, "sheepdog import: stopped at line {}: {}\n", lines_, refused_->text());
    status = exit_unreachable;
  }
  for (const auto& remark : reporter_.way_taken().remarks("handed over"))
    fmt::print(stderr, "sheepdog import: {}\n", remark);
  // How many of them were known before is found out only where they are received.
  fmt::print(stderr, "handed over {} by way of {}{}\n", counted(accepted_, "report"),
             reporter_.way_taken().where,
             left_out_ > 0 ? fmt::format("; {} left out", counted(left_out_, "line")) : "");
  return status;
}

}  // namespace

int import_reports(const cli::Parsed& parsed) {
  if (const auto checked = check_broker(parsed); !checked) {
    fmt::print(stderr, "{}\n", checked.error().text());
    return exit_usage;
  }
  const auto path = parsed.text("file");
  Fd fd(path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    fmt::print(stderr, "sheepdog import: {}\n", errno_error(errno, path).text());
    return exit_usage;
  }
  struct stat info {};
  const bool sized = fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode);
  const SystemClock clock;
  Loop loop;
  auto worker = Worker::start(loop);
  if (!worker) {
    fmt::print(stderr, "sheepdog import: {}\n", worker.error().text());
    return exit_unreachable;
  }
  Import import(loop, clock, std::move(fd), sized ? static_cast<std::uint64_t>(info.st_size) : 0,
                parsed, *std::move(worker));
  return import.run();
}

}  // namespace sheepdog
