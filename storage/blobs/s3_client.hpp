#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/digest.hpp"
#include "schemas/result.hpp"
#include "storage/blobs/s3_address.hpp"

namespace khochung::storage {

/// How long a service is waited for, and how often it is asked again.
struct S3Patience {
  std::chrono::milliseconds connect_time{10'000};
  /// Without a single byte either way.
  std::chrono::seconds stall_time{60};
  int attempts = 5;
  /// Before the second attempt; each further one may wait twice as long. The wait is a random part
  /// of that, so that many clients do not come back together.
  std::chrono::milliseconds first_wait{200};
  /// Sleeps, unless a test does otherwise.
  std::function<void(std::chrono::milliseconds)> wait;
};

/// A part of a file.
struct FilePart {
  int descriptor = -1;
  std::uint64_t offset = 0;
  std::uint64_t size_bytes = 0;
};

struct S3Request {
  enum class Method { get, head, put, post, delete_ };
  Method method = Method::get;
  /// Of the object; empty: the bucket itself.
  std::string key = {};
  /// Names and values as they are; a subresource ("uploads") has an empty value.
  std::vector<std::pair<std::string, std::string>> query = {};
  /// Names in small letters. All of them are signed.
  std::vector<std::pair<std::string, std::string>> fields = {};
  /// What is sent: this text, or a part of a file.
  std::string text = {};
  std::optional<FilePart> file = {};
  /// Of what is sent: the service refuses bytes that arrive otherwise.
  Digest payload = Digest::of("");
  /// Where the bytes from `offset` on go: as many as there is room for, or less at the object's
  /// end. Without it the answer is a text.
  std::optional<std::span<std::byte>> into = {};
  std::uint64_t offset = 0;
};

struct S3Answer {
  std::string text;
  /// Without its quotes; empty where there is none.
  std::string etag;
  /// Of the whole object, in answers to `head` and with `into`.
  std::uint64_t size_bytes = 0;
};

/// Sends signed requests to one bucket and asks again where that can help: connections that break,
/// time-outs, bytes that changed on the way, 429 and 5xx; never after another refusal.
/// libcurl is set up when the first client is made, and never torn down. Connections are kept and
/// shared; proxies and certificates are those of the address, whatever the environment says.
/// Threads: safe from many threads.
class S3Client {
 public:
  S3Client(S3Address address, S3Credentials credentials, S3Patience patience);
  ~S3Client();

  /// Errors: unavailable (asking again later can help; it has been done `attempts` times);
  /// not_found; forbidden (credentials, their rights, or the clock); bad_input (an address that
  /// cannot be right); conflict; too_large; unsupported; internal.
  Result<S3Answer> send(const S3Request& request) const;
  [[nodiscard]] const S3Address& address() const { return address_; }

 private:
  class Connections;
  Result<S3Answer> try_once(const S3Request& request) const;
  void wait_before(int attempt) const;

  S3Address address_;
  S3Credentials credentials_;
  S3Patience patience_;
  std::unique_ptr<Connections> connections_;
};

}  // namespace khochung::storage
