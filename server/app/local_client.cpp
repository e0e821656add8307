#include "server/app/local_client.hpp"

#include <utility>
#include <vector>

#include "server/http/problem.hpp"
#include "server/http/target.hpp"

namespace khochung::app {
namespace {

constexpr std::size_t step_bytes = 1U << 20U;
constexpr std::uint64_t longest_answer_bytes = 256U << 20U;

Result<std::string> text_of(const http::Response& response) {
  std::string text;
  for (const auto& segment : response.body) {
    if (const auto* bytes = std::get_if<std::string>(&segment)) {
      text += *bytes;
      continue;
    }
    const auto& range = std::get<http::BlobRange>(segment);
    if (range.length > longest_answer_bytes) return fail(ErrorCode::too_large, "an answer that long is not for a command");
    std::string part(range.length, '\0');
    part.resize(KHOCHUNG_TRY(range.blob->read(range.offset, std::as_writable_bytes(std::span(part)))));
    text += part;
  }
  return text;
}

Result<http::Response> stream(const http::Route& route, const http::Request& request, const BodySource& source) {
  const auto sink = KHOCHUNG_TRY(route.stream(request));
  std::vector<std::byte> step(step_bytes);
  while (true) {
    const auto count = KHOCHUNG_TRY(source(step));
    if (count == 0) return sink->finish();
    KHOCHUNG_CHECK(sink->write(std::span(step).first(count)));
  }
}

}  // namespace

Result<Answer> LocalClient::send(const Call& call) {
  const auto target = KHOCHUNG_TRY(http::parse_target(call.target, "localhost"));
  http::Request request;
  request.method = call.method;
  request.path = target.path;
  request.query = target.query;
  request.fields = call.fields;
  request.body = call.body;
  request.content_length = call.source ? call.source_bytes : call.body.size();
  request.client = "local";
  request.is_local_administrator = true;

  const auto answer = [&]() -> Result<http::Response> {
    auto match = KHOCHUNG_TRY(router_.match(call.method, request.path));
    request.parameters = std::move(match.parameters);
    return call.source ? stream(*match.route, request, call.source) : match.route->handler(request);
  }();
  // What the source said (a file that changed) is the caller's own error; the API's errors are answers.
  if (!answer) return fail(answer.error());
  return Answer{answer->status, answer->fields, KHOCHUNG_TRY(text_of(*answer))};
}

}  // namespace khochung::app
