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
#include "server/http/rate_limiter.hpp"
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
  std::string id;  ///< the request's number, shown on error pages and in the log
  /// The address of whoever asks, as far as trusted proxies tell; "unix" for control.sock.
  std::string client;
  bool is_local_administrator = false;            ///< came through control.sock or in process
  bool is_over_tls = false;                       ///< from the client to us, or to a trusted proxy
  std::map<std::string, std::string> parameters;  ///< from the route: {id} → value
  Load load = Load::light;                        ///< of the route

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

/// A body that is made as it is sent, such as a ZIP of thousands of files: its length is known, and
/// its blobs are opened when it is their turn.
/// Threads: safe from many threads.
class PieceSource {
 public:
  virtual ~PieceSource() = default;
  [[nodiscard]] virtual std::uint64_t size_bytes() const = 0;
  using Piece = std::variant<std::string, BlobRange>;
  /// What stands at `offset` (below size_bytes()), from there on: at least a byte of it. It may
  /// wait for a disk or another machine. Errors: not_found; corrupt; unavailable.
  [[nodiscard]] virtual Result<Piece> piece_at(std::uint64_t offset) const = 0;
};

/// A part of such a body.
struct PieceRange {
  std::shared_ptr<const PieceSource> source;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};
/// The piece of the range that begins `done` bytes behind its start, not beyond its end.
/// Errors: as PieceSource::piece_at().
Result<PieceSource::Piece> piece_of(const PieceRange& range, std::uint64_t done);
std::uint64_t length_of(const PieceSource::Piece& piece);

using Segment = std::variant<std::string, BlobRange, PieceRange>;

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
