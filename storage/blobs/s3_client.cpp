#include "storage/blobs/s3_client.hpp"

#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <mutex>
#include <random>
#include <thread>

#include "storage/blobs/s3_xml.hpp"
#include "storage/durable_file.hpp"

namespace khochung::storage {
namespace {

using Method = S3Request::Method;

/// A page of 1,000 objects takes about 400 KB.
constexpr std::size_t longest_text = std::size_t{8} << 20U;

struct CloseHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, CloseHandle>;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, FreeList>;

/// Percent-encoding as S3 signs it; '/' stays in paths.
/// Source: AWS Signature Version 4, "UriEncode".
std::string encoded(std::string_view text, std::string_view also_plain) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string all;
  for (const char c : text) {
    if (plain.find(c) != std::string_view::npos || also_plain.find(c) != std::string_view::npos) {
      all += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    all += {'%', digits[byte >> 4U], digits[byte & 15U]};
  }
  return all;
}

/// libcurl 7.88 signs the query as it stands in the URL: it has to be in the canonical form
/// already, sorted, encoded, and with a '=' after each name.
std::string url_of(const S3Address& address, const S3Request& request) {
  auto url = address.endpoint + "/" + address.bucket;
  if (!request.key.empty()) url += "/" + encoded(request.key, "/");
  std::vector<std::string> pairs;
  for (const auto& [name, value] : request.query) {
    pairs.push_back(encoded(name, "") + "=" + encoded(value, ""));
  }
  std::ranges::sort(pairs);
  for (std::size_t i = 0; i < pairs.size(); ++i) url += (i == 0 ? "?" : "&") + pairs[i];
  return url;
}

std::string_view name_of(Method method) {
  constexpr std::array<std::string_view, 5> names{"GET", "HEAD", "PUT", "POST", "DELETE"};
  return names.at(static_cast<std::size_t>(method));
}

/// One request under way, as libcurl's callbacks see it.
class Exchange {
 public:
  Exchange(CURL* handle, const S3Request& request) : handle_(handle), request_(request) {}

  static std::size_t take_field(char* bytes, std::size_t, std::size_t count, void* self) {
    static_cast<Exchange*>(self)->take_field({bytes, count});
    return count;
  }

  static std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* self) {
    return static_cast<Exchange*>(self)->take_body({bytes, count}) ? count : 0;
  }

  static std::size_t give_body(char* into, std::size_t, std::size_t room, void* self) {
    return static_cast<Exchange*>(self)->give_body({into, room});
  }

  /// libcurl sends a body again when a kept connection turns out to be closed. It counts from the
  /// beginning alone ("CURLOPT_SEEKFUNCTION").
  static int rewind_body(void* self, curl_off_t offset, int) {
    static_cast<Exchange*>(self)->sent_ = static_cast<std::uint64_t>(offset);
    return CURL_SEEKFUNC_OK;
  }

  [[nodiscard]] long status() const {
    long status = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  [[nodiscard]] std::uint64_t body_size() const {
    return request_.file ? request_.file->size_bytes : request_.text.size();
  }

  /// What came back, when it is what was asked for. Errors: unavailable.
  Result<S3Answer> answer() {
    S3Answer answer{std::move(text_), std::move(etag_), 0};
    if (request_.method != Method::head && !request_.into) return answer;
    const auto size = object_size();
    if (!size) return fail(ErrorCode::unavailable, "an S3 service does not tell a size");
    answer.size_bytes = *size;
    if (!request_.into) return answer;
    const auto there = answer.size_bytes - std::min(answer.size_bytes, request_.offset);
    if (received_ == std::min<std::uint64_t>(there, request_.into->size())) return answer;
    return fail(ErrorCode::unavailable, "an S3 service sent other bytes than were asked for");
  }

  /// Why the service refused.
  [[nodiscard]] Error refusal() const;

 private:
  void take_field(std::string_view line) {
    const auto colon = line.find(':');
    if (line.starts_with("HTTP/")) content_range_.clear();
    if (colon == std::string_view::npos) return;
    std::string name(line.substr(0, colon));
    std::ranges::transform(name, name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    auto value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    value = value.substr(0, value.find_last_not_of("\r\n ") + 1);
    if (name == "content-range") content_range_ = value;
    if (name != "etag") return;
    if (value.starts_with('"') && value.ends_with('"') && value.size() > 1) {
      value = value.substr(1, value.size() - 2);
    }
    etag_ = value;
  }

  bool take_body(std::string_view bytes) {
    if (!request_.into || status() >= 300) {
      if (text_.size() + bytes.size() > longest_text) return false;
      text_ += bytes;
      return true;
    }
    if (bytes.size() > request_.into->size() - received_) return false;
    std::ranges::copy(std::as_bytes(std::span(bytes)),
                      request_.into->begin() + static_cast<std::ptrdiff_t>(received_));
    received_ += bytes.size();
    return true;
  }

  std::size_t give_body(std::span<char> into) {
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), body_size() - sent_));
    if (!request_.file) {
      request_.text.copy(into.data(), wanted, sent_);
    } else if (!read_file(into.first(wanted))) {
      return CURL_READFUNC_ABORT;
    }
    sent_ += wanted;
    return wanted;
  }

  bool read_file(std::span<char> into) {
    std::size_t filled = 0;
    while (filled < into.size()) {
      const auto count = uninterrupted([&] {
        return ::pread(request_.file->descriptor, into.data() + filled, into.size() - filled,
                       static_cast<off_t>(request_.file->offset + sent_ + filled));
      });
      if (count <= 0) return false;
      filled += static_cast<std::size_t>(count);
    }
    return true;
  }

  /// "bytes 0-99/1234" of a part that begins where it was asked to, or the length of the whole.
  [[nodiscard]] std::optional<std::uint64_t> object_size() const {
    if (status() == 206) {
      const auto begin = "bytes " + std::to_string(request_.offset) + "-";
      const auto slash = content_range_.find('/');
      if (!content_range_.starts_with(begin) || slash == std::string::npos) return std::nullopt;
      std::uint64_t size = 0;
      const auto* end = content_range_.data() + content_range_.size();
      const auto [rest, problem] = std::from_chars(content_range_.data() + slash + 1, end, size);
      if (problem != std::errc() || rest != end) return std::nullopt;
      return size;
    }
    curl_off_t size = -1;
    curl_easy_getinfo(handle_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
    // A service that knows no ranges sends the object from its beginning.
    if (size < 0 || request_.offset > 0) return std::nullopt;
    return static_cast<std::uint64_t>(size);
  }

  CURL* handle_;
  const S3Request& request_;
  std::string text_;
  std::string etag_;
  std::string content_range_;
  std::size_t received_ = 0;
  std::uint64_t sent_ = 0;
};

/// Refusals of what arrived otherwise than it was sent: sent again it can arrive.
constexpr std::array<std::string_view, 4> damaged_under_way{
    "RequestTimeout", "IncompleteBody", "BadDigest", "XAmzContentSHA256Mismatch"};

ErrorCode code_of(long status, std::string_view fault) {
  const bool was_damaged = std::ranges::find(damaged_under_way, fault) != damaged_under_way.end();
  if (status >= 500 || status == 429 || status == 408 || was_damaged) {
    return status == 501 ? ErrorCode::unsupported : ErrorCode::unavailable;
  }
  switch (status) {
    case 401:
    case 403: return ErrorCode::forbidden;
    case 404: return ErrorCode::not_found;
    case 409:
    case 412: return ErrorCode::conflict;
    case 416: return ErrorCode::range_not_satisfiable;
    case 413: return ErrorCode::too_large;
    default: break;
  }
  // Redirections lead to another region.
  return status < 400 ? ErrorCode::bad_input : ErrorCode::internal;
}

Error Exchange::refusal() const {
  const auto fault = s3_fault(text_);
  auto message = "S3: " + std::to_string(status()) + " to " +
                 std::string(name_of(request_.method)) + " " +
                 (request_.key.empty() ? "the bucket" : request_.key);
  if (!fault.code.empty()) message += ": " + fault.code + ": " + fault.message;
  return {code_of(status(), fault.code), std::move(message)};
}

/// What a failure of libcurl's means: an address that cannot be right, or a service that is away.
Error error_of(CURLcode code, const S3Address& address) {
  auto message = "S3: " + address.endpoint + ": " + curl_easy_strerror(code);
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE: return {ErrorCode::bad_input, std::move(message)};
    case CURLE_ABORTED_BY_CALLBACK:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_BAD_FUNCTION_ARGUMENT: return {ErrorCode::internal, std::move(message)};
    default: return {ErrorCode::unavailable, std::move(message)};
  }
}

Result<S3Answer> outcome_of(CURLcode code, Exchange& exchange, const S3Address& address) {
  if (code != CURLE_OK) return fail(error_of(code, address));
  if (exchange.status() >= 300) return fail(exchange.refusal());
  return exchange.answer();
}

void begin_libcurl() {
  static const auto begun = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(begun);
}

void set_place(CURL* handle, const S3Address& address, const S3Patience& patience) {
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
  // An empty text, unlike none, keeps libcurl from looking into the environment.
  curl_easy_setopt(handle, CURLOPT_PROXY, address.proxy.c_str());
  curl_easy_setopt(handle, CURLOPT_NOPROXY, "");
  curl_easy_setopt(handle, CURLOPT_CAINFO, address.ca_file.c_str());
  curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(patience.connect_time.count()));
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(patience.stall_time.count()));
}

/// Keys may hold colons, so user and password go in separately.
void set_signature(CURL* handle, const S3Address& address, const S3Credentials& credentials) {
  curl_easy_setopt(handle, CURLOPT_AWS_SIGV4, ("aws:amz:" + address.region + ":s3").c_str());
  curl_easy_setopt(handle, CURLOPT_USERNAME, credentials.access_key.c_str());
  curl_easy_setopt(handle, CURLOPT_PASSWORD, credentials.secret_key.c_str());
}

/// libcurl 7.88 signs the fields that it is given here, and hashes no file by itself.
List fields_of(const S3Request& request) {
  List list;
  const auto add = [&list](const std::string& line) {
    list.reset(curl_slist_append(list.release(), line.c_str()));
  };
  add("x-amz-content-sha256: " + request.payload.hex());
  for (const auto& [name, value] : request.fields) add(name + ": " + value);
  return list;
}

void set_method(CURL* handle, const S3Request& request, std::uint64_t body_size) {
  switch (request.method) {
    case Method::get: break;
    case Method::head: curl_easy_setopt(handle, CURLOPT_NOBODY, 1L); break;
    case Method::put:
      curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
      curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(body_size));
      break;
    case Method::post:
      curl_easy_setopt(handle, CURLOPT_POST, 1L);
      curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_size));
      break;
    case Method::delete_: curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, "DELETE"); break;
  }
  if (!request.into) return;
  const auto last = request.offset + request.into->size() - 1;
  const auto range = std::to_string(request.offset) + "-" + std::to_string(last);
  curl_easy_setopt(handle, CURLOPT_RANGE, range.c_str());
}

void set_callbacks(CURL* handle, Exchange& exchange) {
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION,
                   static_cast<curl_write_callback>(&Exchange::take_field));
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION,
                   static_cast<curl_write_callback>(&Exchange::take_body));
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_READFUNCTION,
                   static_cast<curl_read_callback>(&Exchange::give_body));
  curl_easy_setopt(handle, CURLOPT_READDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION,
                   static_cast<curl_seek_callback>(&Exchange::rewind_body));
  curl_easy_setopt(handle, CURLOPT_SEEKDATA, &exchange);
}

}  // namespace

/// Handles that rest, with their open connections.
class S3Client::Connections {
 public:
  Handle take() {
    const std::scoped_lock lock(mutex_);
    if (resting_.empty()) return Handle(curl_easy_init());
    auto handle = std::move(resting_.back());
    resting_.pop_back();
    return handle;
  }

  void give_back(Handle handle) {
    curl_easy_reset(handle.get());
    const std::scoped_lock lock(mutex_);
    resting_.push_back(std::move(handle));
  }

 private:
  std::mutex mutex_;
  std::vector<Handle> resting_;
};

S3Client::S3Client(S3Address address, S3Credentials credentials, S3Patience patience)
    : address_(std::move(address)),
      credentials_(std::move(credentials)),
      patience_(std::move(patience)),
      connections_(std::make_unique<Connections>()) {
  begin_libcurl();
  if (!patience_.wait) {
    patience_.wait = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
  }
}

S3Client::~S3Client() = default;

Result<S3Answer> S3Client::send(const S3Request& request) const {
  for (int attempt = 1;; ++attempt) {
    auto answer = try_once(request);
    const bool can_help = !answer && answer.error().code == ErrorCode::unavailable;
    if (!can_help || attempt >= patience_.attempts) return answer;
    wait_before(attempt);
  }
}

void S3Client::wait_before(int attempt) const {
  std::random_device chance;
  const auto longest = patience_.first_wait.count() << std::min(attempt - 1, 10);
  std::uniform_int_distribution<std::int64_t> part(0, longest);
  patience_.wait(std::chrono::milliseconds(part(chance)));
}

Result<S3Answer> S3Client::try_once(const S3Request& request) const {
  auto handle = connections_->take();
  if (!handle) return fail(ErrorCode::internal, "libcurl makes no handle");
  Exchange exchange(handle.get(), request);
  const auto url = url_of(address_, request);
  const auto fields = fields_of(request);
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, fields.get());
  set_place(handle.get(), address_, patience_);
  set_signature(handle.get(), address_, credentials_);
  set_method(handle.get(), request, exchange.body_size());
  set_callbacks(handle.get(), exchange);
  const auto code = curl_easy_perform(handle.get());
  auto answer = outcome_of(code, exchange, address_);
  connections_->give_back(std::move(handle));
  return answer;
}

}  // namespace khochung::storage
