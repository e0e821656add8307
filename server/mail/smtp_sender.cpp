#include "server/mail/smtp_sender.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <string_view>

#include "server/http/address.hpp"
#include "server/mail/composer.hpp"

namespace khochung::mail {
namespace {

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, FreeList>;

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

std::string part_of(const Url& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

Url parsed(const std::string& text) {
  Url url(curl_url());
  if (url &&
      curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
    url.reset();
  return url;
}

bool is_this_machine(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host == "localhost" || http::is_loopback(host);
}

/// One mail under way, as libcurl's callbacks see it.
class Exchange {
 public:
  Exchange(std::string mail, const std::stop_token& stop) : mail_(std::move(mail)), stop_(stop) {}

  static std::size_t give(char* into, std::size_t, std::size_t room, void* self) {
    return static_cast<Exchange*>(self)->give({into, room});
  }
  static int look_around(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Exchange*>(self)->stop_.stop_requested() ? 1 : 0;
  }
  /// What we say last tells which of it a refusal is about; nothing of it is kept.
  static int listen(CURL*, curl_infotype type, char* bytes, std::size_t count, void* self) {
    const std::string_view said(bytes, count);
    if (type == CURLINFO_HEADER_OUT && !said.starts_with("QUIT") && !said.starts_with("RSET"))
      static_cast<Exchange*>(self)->is_about_the_mail_ =
          said.starts_with("RCPT ") || said.starts_with("DATA");
    return 0;
  }
  [[nodiscard]] bool is_about_the_mail() const { return is_about_the_mail_; }

 private:
  std::size_t give(std::span<char> into) {
    const auto count = mail_.copy(into.data(), into.size(), given_);
    given_ += count;
    return count;
  }

  std::string mail_;
  const std::stop_token& stop_;
  std::size_t given_ = 0;
  bool is_about_the_mail_ = false;
};

void set_server(CURL* handle, const SmtpServer& server) {
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(handle, CURLOPT_URL, server.url.c_str());
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  // An empty text, unlike none, keeps libcurl from looking into the environment.
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(handle, CURLOPT_USE_SSL,
                   static_cast<long>(server.needs_encryption() ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!server.ca_file.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, server.ca_file.c_str());
    curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
  }
  if (!server.user.empty()) {
    curl_easy_setopt(handle, CURLOPT_USERNAME, server.user.c_str());
    curl_easy_setopt(handle, CURLOPT_PASSWORD, server.password.c_str());
  }
  const auto longest = static_cast<long>(server.longest.count());
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, longest);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, longest);
}

void set_callbacks(CURL* handle, Exchange& exchange) {
  curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(handle, CURLOPT_READFUNCTION, static_cast<curl_read_callback>(&Exchange::give));
  curl_easy_setopt(handle, CURLOPT_READDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION,
                   static_cast<curl_xferinfo_callback>(&Exchange::look_around));
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L);
  curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION,
                   static_cast<curl_debug_callback>(&Exchange::listen));
  curl_easy_setopt(handle, CURLOPT_DEBUGDATA, &exchange);
}

/// libcurl's own words; what the server says may name the address.
Result<void> outcome_of(CURL* handle, CURLcode code, const Exchange& exchange) {
  if (code == CURLE_OK) return {};
  long reply = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &reply);
  const auto message =
      std::string("SMTP: ") + curl_easy_strerror(code) + " (" + std::to_string(reply) + ")";
  const bool is_refused = exchange.is_about_the_mail() && reply >= 400;
  if (!is_refused) return fail(ErrorCode::unavailable, "mail_server", message);
  if (reply < 500) return fail(ErrorCode::unavailable, "mail_later", message);
  return fail(ErrorCode::bad_input, "mail_refused", message);
}

void begin_libcurl() {
  static const auto begun = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(begun);
}

}  // namespace

/// A handle that keeps its connection from one mail to the next.
class SmtpSender::Session {
 public:
  Session() : handle_(curl_easy_init()) {}
  ~Session() { curl_easy_cleanup(handle_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] CURL* handle() const { return handle_; }

 private:
  CURL* handle_;
};

Result<void> SmtpServer::check_url(const std::string& text) {
  const auto url = parsed(text);
  const auto is_bare = [&](CURLUPart part) { return part_of(url, part).empty(); };
  const bool is_good = url && (text.starts_with("smtp://") || text.starts_with("smtps://")) &&
                       !is_bare(CURLUPART_HOST) && part_of(url, CURLUPART_PATH) == "/" &&
                       is_bare(CURLUPART_USER) && is_bare(CURLUPART_PASSWORD) &&
                       is_bare(CURLUPART_OPTIONS) && is_bare(CURLUPART_QUERY) &&
                       is_bare(CURLUPART_FRAGMENT);
  if (is_good) return {};
  return fail(ErrorCode::bad_input, "mail_server_address",
              "[mail] server must be smtp://HOST[:PORT] or smtps://HOST[:PORT]");
}

bool SmtpServer::needs_encryption() const {
  const auto parts = parsed(url);
  return !ca_file.empty() || !parts || !is_this_machine(part_of(parts, CURLUPART_HOST));
}

SmtpSender::SmtpSender(SmtpServer server) : server_(std::move(server)) {
  begin_libcurl();
}

SmtpSender::~SmtpSender() = default;
SmtpSender::SmtpSender(SmtpSender&&) noexcept = default;

Result<void> SmtpSender::send(const Message& message, const std::string& id, Instant date,
                              const std::stop_token& stop) {
  if (!session_) session_ = std::make_unique<Session>();
  auto* handle = session_->handle();
  if (handle == nullptr) return fail(ErrorCode::internal, "libcurl makes no handle");
  Exchange exchange(compose(message, {server_.from, server_.from_name, id, date}), stop);
  const List recipients(curl_slist_append(nullptr, message.to.text().c_str()));
  curl_easy_reset(handle);
  set_server(handle, server_);
  set_callbacks(handle, exchange);
  curl_easy_setopt(handle, CURLOPT_MAIL_FROM, server_.from.text().c_str());
  curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, recipients.get());
  auto outcome = outcome_of(handle, curl_easy_perform(handle), exchange);
  // The connection outlives this exchange, and takes its leave when the handle goes.
  curl_easy_reset(handle);
  // What a failure left of the connection is not trusted with the next mail.
  if (!outcome) session_.reset();
  return outcome;
}

}  // namespace khochung::mail
