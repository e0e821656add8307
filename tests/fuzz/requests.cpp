// Whole requests, from their head to their answer's head, as a connection runs them; without the
// socket.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
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

/// How far forms came; said at the end, so that a run shows what it reached.
struct Reached {
  std::uint64_t forms = 0, files = 0, empty_fields = 0, bytes = 0;
  ~Reached() {
    std::fprintf(
        stderr, "whole forms %llu, whole files %llu of %llu bytes, empty file fields %llu\n",
        static_cast<unsigned long long>(forms), static_cast<unsigned long long>(files),
        static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(empty_fields));
  }
};
Reached reached;  // NOLINT: there is one process

/// Takes the bytes of a file; each begins once and ends once.
class FilePart final : public http::PartSink {
 public:
  Result<void> write(std::span<const std::byte> bytes) override {
    if (is_whole_ || bytes.empty()) std::abort();
    for (const auto byte : bytes) sum_ += static_cast<unsigned>(byte);
    reached.bytes += bytes.size();
    return {};
  }
  Result<void> finish() override {
    if (is_whole_) std::abort();
    is_whole_ = true;
    ++reached.files;
    return {};
  }

 private:
  unsigned sum_ = 0;
  bool is_whole_ = false;
};

/// Takes a form as the archive does: a file without a name is a field that was left empty.
class FormSink final : public http::BodySink {
 public:
  static Result<std::unique_ptr<http::BodySink>> begin(const http::Request& request) {
    http::FormEvents events;
    events.on_field = [](const std::string&, const std::string&) { return Result<void>(); };
    events.on_file = [](const std::string&, const std::string& file_name,
                        const std::string&) -> Result<std::unique_ptr<http::PartSink>> {
      if (!file_name.empty()) return std::make_unique<FilePart>();
      ++reached.empty_fields;
      return std::unique_ptr<http::PartSink>();
    };
    auto reader = KHOCHUNG_TRY(
        http::MultipartReader::begin(request.fields.get("content-type"), std::move(events)));
    return std::unique_ptr<http::BodySink>(new FormSink(std::move(reader)));
  }
  Result<void> write(std::span<const std::byte> bytes) override { return reader_.write(bytes); }
  Result<http::Response> finish() override {
    KHOCHUNG_CHECK(reader_.finish());
    ++reached.forms;
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

/// As the network brings it: boundaries fall into two pieces, too.
bool write_in_pieces(net::Exchange& exchange, std::string_view body) {
  const auto size = 1 + body.size() % 61;
  while (!body.empty()) {
    const auto piece = body.substr(0, size);
    if (!exchange.write_stream(std::as_bytes(std::span(piece)))) return false;
    body.remove_prefix(piece.size());
  }
  return true;
}

/// Answers a request whose head was understood; `body` is what came behind it.
void answer(net::Exchange& exchange, std::string_view body) {
  const auto length = exchange.request.content_length;
  const auto came = body.substr(0, length);
  if (exchange.route->body == http::BodyKind::stream) {
    if (exchange.begin_stream() && write_in_pieces(exchange, came) && came.size() == length)
      exchange.finish_stream();
    return;
  }
  if (came.size() < length) return;
  exchange.request.body = came;
  if (!exchange.handle_at_once()) exchange.handle();
}

}  // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

/// A change to the bytes, after which most inputs say the length that their body has: by chance
/// alone hardly any form would ever be whole.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  size = LLVMFuzzerMutate(data, size, most);
  if (seed % 8 == 0) return size;
  std::string input(reinterpret_cast<const char*>(data), size);
  constexpr std::string_view name = "Content-Length: ";
  const auto end = input.find("\r\n\r\n");
  const auto field = input.find(name);
  if (end == input.npos || field > end) return size;
  const auto digits = field + name.size();
  const auto line_end = input.find("\r\n", digits);
  input.replace(digits, line_end - digits, std::to_string(size - end - 4));
  if (input.size() > most) return size;
  std::memcpy(data, input.data(), input.size());
  return input.size();
}

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
