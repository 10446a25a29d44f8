// mail.cc -- mails on their way.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/mail.hh"

#include <csignal>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "net/smtp_transfer.hh"

namespace sheepdog {

/// A mail on its way. What the thread writes is guarded by the mailer's mutex.
struct Mailer::Sending {
  SmtpTransfer transfer;
  Done done;  ///< empty once called or cancelled
  std::optional<Result<>> answer;
  bool ended = false;
  std::thread thread;
};

namespace {

/// A thread that gets no signals: they are the loop thread's. Error: full.
Result<std::thread> start_thread(std::function<void()> work) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread;
  try {
    thread = std::thread(std::move(work));
  } catch (const std::system_error&) {
    // Too many threads; said below.
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!thread.joinable()) return Error{ErrorCode::full, "no thread can be started", ""};
  return thread;
}

}  // namespace

Mailer::Mailer(Loop& loop) : loop_(loop) {}

Mailer::~Mailer() {
  for (const auto& [id, sending] : sendings_) sending->transfer.sockets.cancel();
  for (const auto& [id, sending] : sendings_) sending->thread.join();
}

Result<std::int64_t> Mailer::send(const MailServer& server, const MailMessage& mail,
                                  Micros timeout, Done done) {
  if (auto checked = check_mail_server(server.url); !checked) return checked.error();
  auto text = compose_mail(mail);
  if (!text) return text.error();
  auto from = mail_address(mail.from);
  if (!from) return from.error();
  auto sending = std::make_unique<Sending>();
  for (const auto& written : mail.to) {
    auto address = mail_address(written);
    if (!address) return address.error();
    sending->transfer.to.push_back(*std::move(address));
  }
  sending->transfer.server = server;
  sending->transfer.from = *std::move(from);
  sending->transfer.text = *std::move(text);
  sending->transfer.timeout = timeout;
  sending->done = std::move(done);

  if (!wake_) wake_.emplace(loop_, [this] { look(); });
  Sending* const raw = sending.get();
  auto thread = start_thread([this, raw] {
    run_smtp(raw->transfer, [&](Result<> answer) {
      const std::lock_guard lock(mutex_);
      raw->answer = std::move(answer);
      wake_->send();
    });
    const std::lock_guard lock(mutex_);
    raw->ended = true;
    wake_->send();
  });
  if (!thread) return thread.error();
  sending->thread = *std::move(thread);
  sendings_.emplace(++last_, std::move(sending));
  return last_;
}

void Mailer::cancel(std::int64_t id) {
  const auto found = sendings_.find(id);
  if (found == sendings_.end()) return;
  found->second->done = nullptr;
  found->second->transfer.sockets.cancel();
}

void Mailer::look() {
  std::vector<std::int64_t> answered;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, sending] : sendings_)
      if (sending->answer) answered.push_back(id);
  }
  const std::weak_ptr<void> alive = alive_;
  for (const auto id : answered) {
    // Another's callback may have cancelled it.
    const auto done = std::exchange(sendings_.at(id)->done, nullptr);
    if (!done) continue;
    done(*sendings_.at(id)->answer);
    if (alive.expired()) return;
  }
  const std::lock_guard lock(mutex_);
  for (auto it = sendings_.begin(); it != sendings_.end();) {
    const bool over = it->second->ended && !it->second->done;
    if (over) it->second->thread.join();
    it = over ? sendings_.erase(it) : std::next(it);
  }
  if (sendings_.empty()) wake_.reset();
}

}  // namespace sheepdog
