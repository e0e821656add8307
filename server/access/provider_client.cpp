#include "server/access/provider_client.hpp"

#include <curl/curl.h>

#include <memory>

#include "server/http/address.hpp"

namespace khochung::access {
namespace {

struct CloseHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, CloseHandle>;

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

bool is_this_machine(std::string host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host == "localhost" || http::is_loopback(host);
}

std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* into) {
  auto& body = *static_cast<std::string*>(into);
  if (body.size() + count > ProviderClient::most_bytes) return 0;
  body.append(bytes, count);
  return count;
}

void begin_libcurl() {
  static const auto begun = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(begun);
}

void set_place(CURL* handle, const std::string& url, const std::string& ca_file) {
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR,
                   url.starts_with("https:") ? "https" : "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  // An empty text, unlike none, keeps libcurl from looking into the environment.
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!ca_file.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, ca_file.c_str());
    curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
  }
  const auto longest = static_cast<long>(ProviderClient::longest.count());
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, longest);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, longest);
}

List fields_of(const FormPost* form) {
  List list(curl_slist_append(nullptr, "Accept: application/json"));
  if (form != nullptr && !form->authorization.empty())
    list.reset(
        curl_slist_append(list.release(), ("Authorization: " + form->authorization).c_str()));
  return list;
}

}  // namespace

bool is_provider_address(const std::string& text) {
  const Url url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return false;
  const auto host = part_of(url, CURLUPART_HOST);
  if (host.empty() || !part_of(url, CURLUPART_USER).empty() ||
      !part_of(url, CURLUPART_PASSWORD).empty() || text.find('#') != std::string::npos)
    return false;
  return text.starts_with("https://") || (text.starts_with("http://") && is_this_machine(host));
}

ProviderClient::ProviderClient(std::string ca_file) : ca_file_(std::move(ca_file)) {
  begin_libcurl();
}

Result<ProviderAnswer> ProviderClient::get(const std::string& url) const {
  return send(url, nullptr);
}

Result<ProviderAnswer> ProviderClient::post(const FormPost& form) const {
  return send(form.url, &form);
}

Result<ProviderAnswer> ProviderClient::send(const std::string& url, const FormPost* form) const {
  const Handle handle(curl_easy_init());
  if (!handle) return fail(ErrorCode::internal, "libcurl makes no handle");
  set_place(handle.get(), url, ca_file_);
  const auto fields = fields_of(form);
  curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, fields.get());
  if (form != nullptr) {
    curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(form->body.size()));
    curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDS, form->body.c_str());
  }
  ProviderAnswer answer;
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION,
                   static_cast<curl_write_callback>(&take_body));
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &answer.body);
  const auto code = curl_easy_perform(handle.get());
  if (code != CURLE_OK)
    return fail(ErrorCode::unavailable, "provider_away",
                "the provider of sign-in: " + url + ": " + curl_easy_strerror(code));
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

}  // namespace khochung::access
