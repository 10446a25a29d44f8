// smtp_server.hh -- a mail server of a few lines on loopback, told what to answer.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace sheepdog::testing {

/// Serves one connection after another on a thread. Each verb ("RCPT", "." for the end of a text,
/// "" for the greeting) is answered with what ANSWERS has for it: "" is silence from then on, "close"
/// the end of the connection. What is not in there is answered well.
class SmtpServer {
 public:
  SmtpServer(std::initializer_list<std::pair<const std::string, std::string>> answers = {})
      : answers_(answers), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(listener_, 8) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      std::abort();
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~SmtpServer() {
    stop_ = true;
    shutdown(listener_, SHUT_RDWR);
    {
      const std::lock_guard lock(mutex_);
      if (connection_ >= 0) shutdown(connection_, SHUT_RDWR);
    }
    thread_.join();
    close(listener_);
  }

  std::string url() const { return "smtp://127.0.0.1:" + std::to_string(port_); }
  void answer(const std::string& verb, const std::string& with) {
    const std::lock_guard lock(mutex_);
    answers_[verb] = with;
  }
  /// Every line that came, texts apart.
  std::vector<std::string> commands() {
    const std::lock_guard lock(mutex_);
    return commands_;
  }
  /// The texts that came to their end, as they were before dots were doubled.
  std::vector<std::string> texts() {
    const std::lock_guard lock(mutex_);
    return texts_;
  }
  bool heard(const std::string& command) {
    for (const auto& line : commands())
      if (line.compare(0, command.size(), command) == 0) return true;
    return false;
  }

 private:
  void serve() {
    while (!stop_) {
      const int fd = accept(listener_, nullptr, nullptr);
      if (fd < 0) continue;
      {
        const std::lock_guard lock(mutex_);
        connection_ = fd;
        if (stop_) shutdown(fd, SHUT_RDWR);
      }
      input_.clear();
      if (reply(fd, "")) converse(fd);
      const std::lock_guard lock(mutex_);
      connection_ = -1;
      close(fd);
    }
  }

  void converse(int fd) {
    std::string line;
    while (read_line(fd, line)) {
      const std::string verb = line.substr(0, line.find(' '));
      {
        const std::lock_guard lock(mutex_);
        commands_.push_back(line);
      }
      if (!reply(fd, verb) || verb == "QUIT") return;
      if (verb != "DATA" || !accepted_) continue;
      std::string text;
      while (read_line(fd, line) && line != ".")
        text += (line.compare(0, 1, ".") == 0 ? line.substr(1) : line) + "\n";
      {
        const std::lock_guard lock(mutex_);
        texts_.push_back(text);
      }
      if (!reply(fd, ".")) return;
    }
  }

  bool reply(int fd, const std::string& verb) {
    std::string text = verb == "DATA" ? "354 go on" : verb.empty() ? "220 hello"
                       : verb == "QUIT" ? "221 bye" : "250 fine";
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = answers_.find(verb); found != answers_.end()) text = found->second;
    }
    if (text == "close") return false;
    accepted_ = text.empty() || text[0] < '4';
    if (text.empty()) {
      while (read_line(fd, text)) continue;
      return false;
    }
    text += "\r\n";
    return send(fd, text.data(), text.size(), MSG_NOSIGNAL) > 0;
  }

  bool read_line(int fd, std::string& line) {
    for (;;) {
      const auto end = input_.find("\r\n");
      if (end != std::string::npos) {
        line = input_.substr(0, end);
        input_.erase(0, end + 2);
        return true;
      }
      char buffer[4096];
      const auto n = recv(fd, buffer, sizeof buffer, 0);
      if (n <= 0) return false;
      input_.append(buffer, static_cast<std::size_t>(n));
    }
  }

  std::mutex mutex_;
  std::map<std::string, std::string> answers_;
  std::vector<std::string> commands_;
  std::vector<std::string> texts_;
  std::string input_;
  bool accepted_ = true;
  int connection_ = -1;
  std::atomic<bool> stop_ = false;
  int listener_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace sheepdog::testing
