#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "server/http/framing.hpp"
#include "server/net/service.hpp"

namespace khochung::net {

/// One request on its way to its answer. No step here waits or touches the network.
/// Threads: one at a time; handed from the network thread to the pool and back.
class Exchange {
 public:
  Exchange(Service& service, const Peer& peer);

  /// Reads a complete head and finds its route.
  /// Errors: why it is refused; when `is_framed_badly`, the connection is to be closed.
  Result<void> understand(std::string_view head);

  /// Whether the route could answer without waiting; if not, nothing has happened.
  bool handle_at_once();
  /// Runs the handler of a route with a small body or none. On the pool.
  void handle();
  /// Begins, feeds and ends the sink of a stream. On the pool. False: `response` tells why.
  bool begin_stream();
  bool write_stream(std::span<const std::byte> bytes);
  void finish_stream();

  /// Makes `response` the answer to a failure.
  void answer(const Error& error);

  /// How urgent the request is.
  [[nodiscard]] http::Load load() const { return route->load; }

  [[nodiscard]] AccessLogLine log_line(std::uint64_t bytes_sent, bool is_whole) const;

  http::Request request;
  http::Response response;
  const http::Route* route = nullptr;
  bool keeps_alive = false;
  bool is_http_1_0 = false;
  bool expects_continue = false;
  /// The head could mislead somebody about where the next request begins.
  bool is_framed_badly = true;

 private:
  Result<void> read_head(std::string_view head);
  Result<void> find_route();
  [[nodiscard]] Result<void> check_rate() const;
  [[nodiscard]] Result<void> check_body() const;

  Service& service_;
  std::unique_ptr<http::BodySink> sink_;
  std::string method_;
  std::string error_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace khochung::net
