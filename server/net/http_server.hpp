#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "schemas/result.hpp"
#include "server/http/address.hpp"
#include "server/http/framing.hpp"
#include "server/http/router.hpp"
#include "server/net/access_log.hpp"
#include "server/net/listener.hpp"
#include "server/net/tls_context.hpp"

namespace khochung::net {

/// How much of anything one client or all of them together may take.
/// Source: the figures follow nginx's defaults and OWASP ASVS 4.1; 8 KiB is what Beast takes.
struct Limits {
  http::FramingLimits framing;
  std::chrono::milliseconds head_time{10'000};  ///< from the first byte to the empty line
  std::chrono::milliseconds idle_time{15'000};  ///< between two requests
  std::chrono::milliseconds progress_window{30'000};
  std::uint64_t least_bytes_a_second = 1024;  ///< of a body, either way, in each window
  std::uint64_t small_body_bytes = std::uint64_t{1} << 20U;
  std::chrono::milliseconds small_body_time{60'000};  ///< from its first byte to its last
  /// Of them, or three of four descriptors, the last eighth is given to newcomers at the cost of
  /// connections without a request, longest first; where all are in use, accepting waits.
  std::size_t connections = 20'000;
  std::size_t connections_per_client = 256;  ///< many people may share one address
  /// Beyond them 503; what is less urgent than a search is turned away earlier.
  std::size_t waiting_requests = 512;
  /// When the server is to stop: how long a connection at rest may still ask for something.
  std::chrono::milliseconds last_call{1'000};
};

struct ServerConfig {
  /// Where to listen; nothing: on the control socket alone.
  std::optional<ListenAddress> listen;
  /// A socket that listens already, from whoever started us: what waits in its queue survives us.
  /// Goes before `listen`; the server closes it.
  std::optional<int> listening;
  /// Whose word about clients is taken.
  http::TrustedProxies proxies;
  /// How often clients may ask; none: as often as they like.
  std::shared_ptr<http::RateLimiter> limiter;
  std::optional<TlsFiles> tls;
  /// The unix socket of the commands: who holds the data folder (the same user, or root) is the
  /// local administrator there.
  std::optional<std::filesystem::path> control_socket;
  unsigned io_threads = 0;       ///< 0: one a core
  unsigned handler_threads = 0;  ///< 0: four a core, at least eight
  Limits limits;
  /// Kept up to date when it is given; outlives the server.
  http::Occupancy* occupancy = nullptr;
};

/// Serves a Router over HTTP/1.1.
/// Threads: safe from many threads.
class HttpServer {
 public:
  /// Listens and serves; returns at once. `router` outlives the server.
  /// Errors: unavailable with reason port_taken; bad_input for a bad address or certificate.
  static Result<std::unique_ptr<HttpServer>> start(ServerConfig config, const http::Router& router,
                                                   http::ErrorAnswer error_answer,
                                                   AccessHook access = {});
  ~HttpServer();  ///< stop() without grace

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Whether requests wait for a handler: work that can wait should.
  [[nodiscard]] bool is_busy() const;
  /// The port that it listens on; 0 when on the control socket alone.
  [[nodiscard]] std::uint16_t port() const;
  /// Reads the certificate again; connections that stand keep the old one.
  /// Errors: bad_input; the old certificate then stays.
  Result<void> reload_certificate();
  /// Accepts nothing more, lets requests that run end for up to `grace`, then cuts them off.
  /// Returns when all is at rest: a handler that runs is waited for.
  void stop(std::chrono::milliseconds grace);

 private:
  class Running;
  explicit HttpServer(std::unique_ptr<Running> running);

  std::unique_ptr<Running> running_;
};

}  // namespace khochung::net
