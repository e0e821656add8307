#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "schemas/access/policy.hpp"
#include "schemas/result.hpp"
#include "storage/blobs/blob_store.hpp"

namespace khochung::http {

enum class Method { get, head, post, put, patch, delete_, options };

/// "GET", "DELETE", …
std::string_view to_text(Method method);
/// Methods compare with case; nothing for those that no route can have.
std::optional<Method> method_from(std::string_view text);

/// Header fields in order; names compare without case.
class Fields {
 public:
  void add(std::string name, std::string value);
  void set(std::string name, std::string value);
  /// The first value of `name`; empty when absent.
  [[nodiscard]] std::string_view get(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const {
    return fields_;
  }

 private:
  [[nodiscard]] const std::string* find(std::string_view name) const;

  std::vector<std::pair<std::string, std::string>> fields_;
};

/// A request after framing and decoding: handlers never see raw targets.
struct Request {
  Method method = Method::get;
  std::string path;                               ///< percent-decoded, valid UTF-8, begins with '/'
  std::multimap<std::string, std::string> query;  ///< decoded
  Fields fields;
  std::string body;  ///< for routes with a small body
  std::uint64_t content_length = 0;
  std::string id;      ///< the request's number, shown on error pages and in the log
  std::string client;  ///< address of the peer, "unix" for control.sock
  bool is_local_administrator = false;  ///< came through control.sock or in process
  bool is_over_tls = false;
  std::map<std::string, std::string> parameters;  ///< from the route: {id} → value

  /// The first value of a query parameter; empty when absent.
  [[nodiscard]] std::string query_value(std::string_view name) const;
  [[nodiscard]] const std::string& parameter(std::string_view name) const;
};

/// A piece of an answer's body.
struct BlobRange {
  std::shared_ptr<const storage::BlobReader> blob;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};
using Segment = std::variant<std::string, BlobRange>;

std::uint64_t length_of(const Segment& segment);

/// An answer. Its length is known before it is sent: the sum of its segments.
struct Response {
  int status = 200;
  Fields fields;
  std::vector<Segment> body;

  [[nodiscard]] std::uint64_t content_length() const;

  static Response text(int status, std::string media_type, std::string body);
  static Response json(int status, std::string body) {
    return text(status, "application/json", std::move(body));
  }
  static Response redirect(std::string location);  ///< 303
};

/// Takes a large body as it arrives; runs on the bounded pool, never on a network thread.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// An error ends the request with that error's answer.
  virtual Result<void> write(std::span<const std::byte> bytes) = 0;
  virtual Result<Response> finish() = 0;
};

}  // namespace khochung::http
