// Whole requests, from their head to their answer's head, as a connection runs them; without the
// socket.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/http/file_answer.hpp"
#include "server/http/form.hpp"
#include "server/http/framing.hpp"
#include "server/http/multipart.hpp"
#include "server/http/problem.hpp"
#include "server/net/exchange.hpp"
#include "server/net/response_head.hpp"

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

/// Takes a form as the archive does.
class FormSink final : public http::BodySink {
 public:
  static Result<std::unique_ptr<http::BodySink>> begin(const http::Request& request) {
    http::FormEvents events;
    events.on_field = [](const std::string&, const std::string&) { return Result<void>(); };
    events.on_file = [](const std::string&, const std::string&,
                        const std::string&) -> Result<std::unique_ptr<http::PartSink>> {
      return std::unique_ptr<http::PartSink>();
    };
    auto reader = KHOCHUNG_TRY(
        http::MultipartReader::begin(request.fields.get("content-type"), std::move(events)));
    return std::unique_ptr<http::BodySink>(new FormSink(std::move(reader)));
  }
  Result<void> write(std::span<const std::byte> bytes) override { return reader_.write(bytes); }
  Result<http::Response> finish() override {
    KHOCHUNG_CHECK(reader_.finish());
    return http::Response::text(200, "text/plain", "taken");
  }

 private:
  explicit FormSink(http::MultipartReader reader) : reader_(std::move(reader)) {}
  http::MultipartReader reader_;
};

/// A route of each kind.
http::Router routes() {
  using http::BodyKind;
  using http::Method;
  using http::Request;
  using http::Response;
  http::Router router;
  const auto echo = [](const Request& request) -> Result<Response> {
    KHOCHUNG_TRY(http::form_values(request));
    return Response::text(200, "text/plain", request.body + request.query_value("q"));
  };
  const auto file = [](const Request& request) -> Result<Response> {
    http::FileToSend sent;
    sent.content = {std::string(5000, 'x')};
    sent.validators = {http::ETag{"tag", false}, Instant(std::chrono::seconds(1'700'000'000))};
    sent.media_type = "text/plain";
    sent.name = request.parameter("name");
    return http::file_answer(request, std::move(sent));
  };
  const auto redirect = [](const Request& request) -> Result<Response> {
    return Response::redirect("/m/" + request.parameter("id") + request.query_value("next"));
  };
  router.add({Method::get, "/f/{name}", BodyKind::none, file, {}});
  router.add({Method::get, "/m/{id}", BodyKind::none, redirect, {}, 0, {}, http::Load::search});
  router.add({Method::post, "/small", BodyKind::small, echo, {}});
  router.add({Method::post, "/form", BodyKind::stream, {}, FormSink::begin});
  router.add({Method::put, "/rest/{rest...}", BodyKind::small, echo, {}});
  return router;
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
  static const http::Router router = routes();
  static net::Service service(config_for_fuzzing(), router, http::problem, {});
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto end = http::find_head_end(input, 0, service.config.limits.framing);
  if (!end || *end == 0) return 0;
  net::Exchange exchange(service, {"192.0.2.1", "192.0.2.1", false});
  if (const auto understood = exchange.understand(input.substr(0, *end)); understood) {
    answer(exchange, input.substr(*end));
  } else {
    exchange.answer(understood.error());
  }
  const auto head =
      net::response_head(exchange.response, {exchange.request.id, "Mon, 23 Nov 2026 00:41:00 GMT",
                                             exchange.keeps_alive, exchange.is_http_1_0,
                                             exchange.request.is_over_tls});
  // One head, whatever the request had in it.
  if (head.find("\r\n\r\n") != head.size() - 4) std::abort();
  static_cast<void>(exchange.log_line(0, true));
  return 0;
}
