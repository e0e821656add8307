#include "server/net/exchange.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <exception>
#include <utility>

#include "server/http/encoding.hpp"
#include "server/http/problem.hpp"
#include "server/http/target.hpp"

namespace khochung::net {
namespace {

namespace beast_http = boost::beast::http;
using Parser = beast_http::request_parser<beast_http::empty_body>;

/// Runs code of others, which may throw.
template <typename Work>
auto guarded(Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception& thrown) {
    return fail(ErrorCode::internal, std::string("thrown: ") + thrown.what());
  } catch (...) {
    return fail(ErrorCode::internal, "something was thrown");
  }
}

http::Response last_resort(int status) {
  return http::Response::text(status, "text/plain; charset=utf-8",
                              std::string(http::phrase_of(status)) + "\n");
}

std::string list_of(const std::vector<http::Method>& methods) {
  std::string list;
  for (const auto method : methods) {
    if (!list.empty()) list += ", ";
    list += http::to_text(method);
  }
  return list;
}

/// Addresses beneath which a secret stands that lets in whoever knows it.
constexpr std::array<std::string_view, 3> secret_folders{"/s/", "/n/", "/invitation/"};

/// The path as the log may keep it: of a sharing link, an invitation or one out of a mail its
/// pattern, or where nothing matched what stands before the secret.
std::string path_for_log(const std::string& path, const http::Route* route) {
  for (const auto folder : secret_folders) {
    if (route != nullptr && route->pattern.starts_with(folder)) return route->pattern;
    const auto secret = route == nullptr ? path.find(folder) : std::string::npos;
    if (secret != std::string::npos) return path.substr(0, secret + folder.size()) + "…";
  }
  return path;
}

}  // namespace

Exchange::Exchange(Service& service, const Peer& peer) : service_(service) {
  request.id = service.next_request_id();
  request.client = peer.client;
  request.is_local_administrator = peer.is_local_administrator;
  request.is_over_tls = peer.is_over_tls;
}

Result<void> Exchange::understand(std::string_view head) {
  // Before anything can be refused: the answer to HEAD has no body, a refusal's neither.
  const auto method = head.substr(0, head.find(' '));
  if (http::is_token(method)) method_ = method;
  request.method = http::method_from(method).value_or(http::Method::get);
  const auto framing = KHOCHUNG_TRY(http::check_framing(head, service_.config.limits.framing));
  request.content_length = framing.content_length;
  KHOCHUNG_CHECK(guarded([&] { return read_head(head); }));
  is_framed_badly = false;
  KHOCHUNG_CHECK(find_route());
  KHOCHUNG_CHECK(check_rate());
  return check_body();
}

Result<void> Exchange::read_head(std::string_view head) {
  Parser parser;
  parser.body_limit(boost::none);
  parser.header_limit(static_cast<std::uint32_t>(head.size()));
  boost::beast::error_code problem;
  parser.put(boost::asio::buffer(head.data(), head.size()), problem);
  if (problem || !parser.is_header_done()) {
    return fail(ErrorCode::bad_input, "bad_framing", "head: " + problem.message());
  }
  const auto& message = parser.get();
  is_http_1_0 = message.version() == 10;
  keeps_alive = message.keep_alive();
  for (const auto& field : message) {
    request.fields.add(std::string(field.name_string()), std::string(field.value()));
  }
  expects_continue = request.fields.has("Expect") && !is_http_1_0;
  const std::string target(message.target());
  auto parsed = KHOCHUNG_TRY(http::parse_target(target, request.fields.get("Host")));
  const auto visitor = service_.config.proxies.visitor_behind(request.client, request.fields);
  if (visitor.is_behind) {
    request.client = visitor.client;
    request.is_over_tls = visitor.is_https;
  }
  request.path = std::move(parsed.path);
  request.query = std::move(parsed.query);
  return {};
}

Result<void> Exchange::find_route() {
  auto match = KHOCHUNG_TRY(service_.router.match(request.method, request.path));
  route = match.route;
  request.load = route->load;
  request.parameters = std::move(match.parameters);
  return {};
}

/// Programs on this machine are its owner's; whoever comes through a proxy here is told by it.
Result<void> Exchange::check_rate() const {
  const auto& limiter = service_.config.limiter;
  if (!limiter || route->load == http::Load::light) return {};
  if (request.is_local_administrator || http::is_loopback(request.client)) return {};
  if (limiter->admits(route->load, http::client_group_of(request.client), request.id)) return {};
  return fail(ErrorCode::unavailable, "too_many_requests", "the client asks too often");
}

Result<void> Exchange::check_body() const {
  const auto length = request.content_length;
  if (route->body == http::BodyKind::none && length > 0) {
    return fail(ErrorCode::bad_input, "unexpected_body", "a body where the route takes none");
  }
  if (route->body == http::BodyKind::small && length > service_.config.limits.small_body_bytes) {
    return fail(ErrorCode::too_large, "the body is too large for this route");
  }
  const bool is_over = route->max_body_bytes > 0 && length > route->max_body_bytes;
  if (route->body == http::BodyKind::stream && is_over) {
    return fail(ErrorCode::too_large, "the body is too large for this route");
  }
  return {};
}

bool Exchange::handle_at_once() {
  if (!route->at_once) return false;
  auto made =
      guarded([&]() -> Result<std::optional<http::Response>> { return route->at_once(request); });
  // What went wrong here goes wrong in the handler too, which says it.
  if (!made) return false;
  auto& answer = *made;
  if (!answer) return false;
  response = *std::move(answer);
  return true;
}

void Exchange::handle() {
  auto result = guarded([&] { return route->handler(request); });
  if (result) {
    response = *std::move(result);
  } else {
    answer(result.error());
  }
}

bool Exchange::begin_stream() {
  auto sink = guarded([&] { return route->stream(request); });
  if (!sink) {
    answer(sink.error());
    return false;
  }
  sink_ = *std::move(sink);
  return true;
}

bool Exchange::write_stream(std::span<const std::byte> bytes) {
  const auto written = guarded([&] { return sink_->write(bytes); });
  if (!written) {
    sink_.reset();
    answer(written.error());
  }
  return written.has_value();
}

void Exchange::finish_stream() {
  auto result = guarded([&] { return sink_->finish(); });
  sink_.reset();
  if (result) {
    response = *std::move(result);
  } else {
    answer(result.error());
  }
}

void Exchange::answer(const Error& error) {
  error_ = error.message;
  auto made =
      guarded([&]() -> Result<http::Response> { return service_.error_answer(request, error); });
  response = made ? *std::move(made) : last_resort(http::status_of(error));
  response.status = http::status_of(error);
  if (const auto wait = http::retry_after(response.status); !wait.empty())
    response.fields.set("Retry-After", std::string(wait));
  if (response.status == 405) {
    response.fields.set("Allow", list_of(service_.router.methods_of(request.path)));
  }
}

AccessLogLine Exchange::log_line(std::uint64_t bytes_sent, bool is_whole) const {
  AccessLogLine line;
  line.request_id = request.id;
  line.client = request.client;
  line.method = method_;
  line.path = path_for_log(request.path, route);
  line.status = response.status;
  line.bytes = bytes_sent;
  line.duration = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - begun_);
  line.error = error_;
  line.is_whole = is_whole;
  return line;
}

}  // namespace khochung::net
