// mail.cc -- one mail, through libcurl.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/mail.hh"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string_view>

namespace sheepdog {

namespace {

struct Cleanup {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  void operator()(char* text) const { curl_free(text); }
};

/// What the callbacks of libcurl share.
struct Dialogue {
  const std::string& url;
  const std::string& text;
  const std::function<void(const Result<>&)>& answer;
  std::size_t sent = 0;
  std::string last_reply{};    ///< but that to QUIT: "550 5.1.1 no such user"
  bool text_answered = false;  ///< the last reply is that to the whole text
  bool answered = false;

  int reply_code() const { return std::atoi(last_reply.c_str()); }
  void say(const Result<>& result) {
    if (answered) return;
    answered = true;
    answer(result);
  }
};

std::size_t read_text(char* buffer, std::size_t size, std::size_t n, void* user) noexcept {
  auto& dialogue = *static_cast<Dialogue*>(user);
  const auto& text = dialogue.text;
  const std::size_t length = std::min(size * n, text.size() - dialogue.sent);
  std::memcpy(buffer, text.data() + dialogue.sent, length);
  dialogue.sent += length;
  return length;
}

std::size_t read_reply(char* line, std::size_t size, std::size_t n, void* user) noexcept {
  auto& dialogue = *static_cast<Dialogue*>(user);
  std::string_view reply(line, size * n);
  while (!reply.empty() && (reply.back() == '\n' || reply.back() == '\r')) reply.remove_suffix(1);
  const bool more_lines = reply.size() > 3 && reply[3] == '-';
  if (more_lines || dialogue.text_answered || reply.substr(0, 3) == "221") return size * n;
  dialogue.last_reply = reply;
  if (dialogue.sent < dialogue.text.size()) return size * n;
  dialogue.text_answered = true;
  // The goodbye is not about the mail any more, and waiting for it would only lengthen the time in
  // which a crash forgets that the mail was taken.
  if (dialogue.reply_code() / 100 == 2) dialogue.say({});
  return size * n;
}

ErrorCode code_of(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT: return ErrorCode::unreachable;
    case CURLE_OPERATION_TIMEDOUT: return ErrorCode::timeout;
    case CURLE_LOGIN_DENIED:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_PEER_FAILED_VERIFICATION: return ErrorCode::denied;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return ErrorCode::invalid;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING: return ErrorCode::closed;
    default: return ErrorCode::io;
  }
}

/// GnuTLS knows why it does not believe a certificate, and libcurl does not hand that on in words.
/// Other libraries' words are good enough.
const char* why_not_believed(CURL* easy) {
  // gnutls_certificate_status_t
  constexpr long signer_not_found = 1L << 6;
  constexpr long not_activated = 1L << 9;
  constexpr long expired = 1L << 10;
  const auto* library = curl_version_info(CURLVERSION_NOW)->ssl_version;
  long flags = 0;
  if (library == nullptr || std::string_view(library).substr(0, 6) != "GnuTLS" ||
      curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &flags) != CURLE_OK)
    return "";
  if ((flags & signer_not_found) != 0) return "nobody whom we trust vouches for the server; ";
  if ((flags & expired) != 0) return "the server's certificate has expired; ";
  if ((flags & not_activated) != 0) return "the server's certificate is not valid yet; ";
  return "";
}

std::string words_of(CURL* easy, CURLcode code, const char* detail, const std::string& ca_file) {
  if (code == CURLE_SSL_CACERT_BADFILE && !ca_file.empty())
    return fmt::format("the certificates in {} cannot be read", ca_file);
  return fmt::format("{}{}", code == CURLE_PEER_FAILED_VERIFICATION ? why_not_believed(easy) : "",
                     *detail != '\0' ? detail : curl_easy_strerror(code));
}

Error error_of(CURLcode code, const std::string& words, const Dialogue& dialogue) {
  const auto& url = dialogue.url;
  const int reply = dialogue.reply_code();
  if (code != CURLE_OPERATION_TIMEDOUT && reply >= 400) {
    const auto kind = reply < 500                  ? ErrorCode::busy
                      : code == CURLE_LOGIN_DENIED ? ErrorCode::denied
                                                   : ErrorCode::refused;
    return {kind, fmt::format("the server says: {}", dialogue.last_reply), url};
  }
  return {code_of(code), words, url};
}

void initialise() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) std::abort();
  });
}

curl_usessl encryption_of(MailServer::Encryption encryption) {
  switch (encryption) {
    case MailServer::Encryption::none: return CURLUSESSL_NONE;
    case MailServer::Encryption::opportunistic: return CURLUSESSL_TRY;
    case MailServer::Encryption::required: return CURLUSESSL_ALL;
  }
  return CURLUSESSL_ALL;
}

Result<> check_url(const std::string& url) {
  const auto wrong = [](const char* why) { return Error{ErrorCode::invalid, why, ""}; };
  const std::unique_ptr<CURLU, Cleanup> parsed(curl_url());
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
    return wrong("the server of a mail is written smtp://HOST:PORT or smtps://HOST:PORT");
  const auto part = [&](CURLUPart which) {
    char* text = nullptr;
    curl_url_get(parsed.get(), which, &text, 0);
    const std::unique_ptr<char, Cleanup> owned(text);
    return std::string(text != nullptr ? text : "");
  };
  if (!part(CURLUPART_USER).empty() || !part(CURLUPART_PASSWORD).empty())
    return wrong("user and password do not belong into the URL of a mail server");
  const auto scheme = part(CURLUPART_SCHEME);
  const auto path = part(CURLUPART_PATH);
  if ((scheme != "smtp" && scheme != "smtps") || (path != "/" && !path.empty()))
    return wrong("the server of a mail is written smtp://HOST:PORT or smtps://HOST:PORT");
  return {};
}

}  // namespace

void send_mail(const MailServer& server, const MailMessage& mail, Micros limit,
               const std::function<void(const Result<>&)>& answer) {
  initialise();
  if (const auto checked = check_url(server.url); !checked) return answer(checked);
  const auto text = compose_mail(mail);
  if (!text) return answer(text.error());
  curl_slist* const list = curl_slist_append(nullptr, mail_address(mail.to)->c_str());
  const std::unique_ptr<curl_slist, Cleanup> recipients(list);
  const std::unique_ptr<CURL, Cleanup> owned(curl_easy_init());
  CURL* const easy = owned.get();
  if (easy == nullptr || list == nullptr)
    return answer(Error{ErrorCode::io, "no memory for a mail", server.url});

  Dialogue dialogue{server.url, *text, answer};
  char detail[CURL_ERROR_SIZE] = {};
  const bool smtps = server.url.compare(0, 6, "smtps:") == 0;
  const bool verify = smtps || server.encryption == MailServer::Encryption::required;
  const long timeout = std::max<long>(1, static_cast<long>(limit / 1000));
  curl_easy_setopt(easy, CURLOPT_URL, server.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // the environment's is not meant for mail
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // does not wait for the name resolution
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout);
  curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, (timeout + 999) / 1000);
  curl_easy_setopt(easy, CURLOPT_USE_SSL, static_cast<long>(encryption_of(server.encryption)));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
  if (!server.ca_file.empty()) {
    // These alone: a directory of the machine's would be believed beside them.
    curl_easy_setopt(easy, CURLOPT_CAINFO, server.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  if (!server.user.empty()) {
    curl_easy_setopt(easy, CURLOPT_USERNAME, server.user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, server.password.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_MAIL_FROM, mail_address(mail.from)->c_str());
  curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_text);
  curl_easy_setopt(easy, CURLOPT_READDATA, &dialogue);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, read_reply);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &dialogue);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);  // says QUIT at once
  const CURLcode code = curl_easy_perform(easy);
  if (code == CURLE_OK) dialogue.say({});
  else dialogue.say(error_of(code, words_of(easy, code, detail, server.ca_file), dialogue));
}

std::string mail_library_version() {
  const auto* info = curl_version_info(CURLVERSION_NOW);
  return fmt::format("{} ({})", info->version, info->ssl_version ? info->ssl_version : "no TLS");
}

}  // namespace sheepdog
