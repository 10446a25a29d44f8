// file_way.cc -- the reporter's way through files, for a daemon to come.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/file_way.hh"

#include "base/report.hh"

namespace sheepdog {

void FileWay::write(std::uint64_t number) {
  waiting_.push_back(number);
  if (!writing_) loop_.post(lifeline_.tie([this] { write_waiting(); }));
  writing_ = true;
}

void FileWay::write_waiting() {
  std::vector<std::uint64_t> numbers;
  std::string name, text;
  // Who can leave a file in a private directory is its owner, or root.
  const bool believed = !directories_.front().everyone;
  while (!waiting_.empty() && numbers.size() < incoming_batch_limit) {
    if (const auto line = events_.line(waiting_.front(), believed)) {
      if (!text.empty() && text.size() + line->text.size() >= report_size_limit) break;
      if (name.empty()) name = line->id;
      if (!text.empty()) text += '\n';
      text += line->text;
      numbers.push_back(waiting_.front());
    }
    waiting_.pop_front();
  }
  writing_ = !numbers.empty();
  if (!writing_) return;
  name += numbers.size() == 1 ? ".json" : ".jsonl";
  auto started = Detached::start(
      loop_, [this, numbers, directories = directories_, name = std::move(name),
              text = std::move(text)]() -> std::function<void()> {
        auto result = leave_reports(directories, name, text);
        return [this, numbers, result = std::move(result)] { written(numbers, result); };
      });
  if (!started) return written(numbers, started.error());
  writer_ = *std::move(started);
}

void FileWay::written(const std::vector<std::uint64_t>& numbers,
                      const Result<std::string>& result) {
  events_.written(numbers, result);
  // Not at once: answering may have been the last thing that was waited for.
  loop_.post(lifeline_.tie([this] { write_waiting(); }));
}

}  // namespace sheepdog
