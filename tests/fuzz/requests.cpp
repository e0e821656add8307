// Whole requests, from their head to their answer's head, as a connection runs them; without the socket.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/http/framing.hpp"
#include "server/http/problem.hpp"
#include "server/net/exchange.hpp"
#include "server/net/response_head.hpp"
#include "tests/server/net/test_site.hpp"

namespace {

using namespace khochung;

net::ServerConfig config_for_fuzzing() {
  net::ServerConfig config;
  config.handler_threads = 1;
  config.proxies =
      http::TrustedProxies::parse({"192.0.2.1"}, http::TrustedProxies::Speech::x_forwarded).value();
  config.limiter = std::make_shared<http::RateLimiter>(
      http::RateLimiter::Rates{.search = {1'000'000, 1'000'000}, .change = {0, 0}});
  return config;
}

/// Answers a request whose head was understood; `body` is what came behind it.
void answer(net::Exchange& exchange, std::string_view body) {
  const auto length = exchange.request.content_length;
  const auto came = body.substr(0, length);
  if (exchange.route->body == http::BodyKind::stream) {
    const auto bytes = std::as_bytes(std::span(came));
    if (exchange.begin_stream() && exchange.write_stream(bytes) && came.size() == length)
      exchange.finish_stream();
    return;
  }
  if (came.size() < length) return;
  exchange.request.body = came;
  if (!exchange.handle_at_once()) exchange.handle();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static test::TestSite site;
  static net::Service service(config_for_fuzzing(), site.router, http::problem, {});
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto end = http::find_head_end(input, 0, service.config.limits.framing);
  if (!end || *end == 0) return 0;
  net::Exchange exchange(service, {"192.0.2.1", "192.0.2.1", false});
  if (const auto understood = exchange.understand(input.substr(0, *end)); understood) {
    answer(exchange, input.substr(*end));
  } else {
    exchange.answer(understood.error());
  }
  const auto head = net::response_head(
      exchange.response, {exchange.request.id, "Mon, 23 Nov 2026 00:41:00 GMT",
                          exchange.keeps_alive, exchange.is_http_1_0, exchange.request.is_over_tls});
  // One head, whatever the request had in it.
  if (head.find("\r\n\r\n") != head.size() - 4) std::abort();
  static_cast<void>(exchange.log_line(0, true));
  return 0;
}
