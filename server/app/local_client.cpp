#include "server/app/local_client.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "server/http/problem.hpp"
#include "server/http/target.hpp"
#include "storage/durable_file.hpp"

namespace khochung::app {
namespace {

constexpr std::size_t step_bytes = 1U << 20U;
constexpr std::uint64_t longest_answer_bytes = 256U << 20U;

using Take = std::function<Result<void>(std::string_view bytes)>;

Result<void> write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written =
        storage::uninterrupted([&] { return ::write(descriptor, bytes.data(), bytes.size()); });
    if (written < 0) return fail(storage::error_of_errno(errno, "write an answer"));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> read_range(const http::BlobRange& range, const Take& take) {
  std::string step(std::min<std::uint64_t>(step_bytes, range.length), '\0');
  for (std::uint64_t done = 0; done < range.length;) {
    const auto wanted = std::min<std::uint64_t>(step.size(), range.length - done);
    const auto count = KHOCHUNG_TRY(range.blob->read(
        range.offset + done, std::as_writable_bytes(std::span(step).first(wanted))));
    if (count == 0) return fail(ErrorCode::unavailable, "a file became shorter while it was read");
    KHOCHUNG_CHECK(take(std::string_view(step).substr(0, count)));
    done += count;
  }
  return {};
}

Result<void> read_pieces(const http::PieceRange& range, const Take& take) {
  for (std::uint64_t done = 0; done < range.length;) {
    const auto piece = KHOCHUNG_TRY(http::piece_of(range, done));
    const auto* blob = std::get_if<http::BlobRange>(&piece);
    KHOCHUNG_CHECK(blob == nullptr ? take(std::get<std::string>(piece)) : read_range(*blob, take));
    done += http::length_of(piece);
  }
  return {};
}

/// Gives `take` the whole body, piece by piece.
Result<void> read_body(const http::Response& response, const Take& take) {
  for (const auto& segment : response.body) {
    if (const auto* bytes = std::get_if<std::string>(&segment)) {
      KHOCHUNG_CHECK(take(*bytes));
    } else if (const auto* range = std::get_if<http::BlobRange>(&segment)) {
      KHOCHUNG_CHECK(read_range(*range, take));
    } else {
      KHOCHUNG_CHECK(read_pieces(std::get<http::PieceRange>(segment), take));
    }
  }
  return {};
}

Result<std::string> text_of(const http::Response& response) {
  if (response.content_length() > longest_answer_bytes)
    return fail(ErrorCode::too_large, "an answer that long is not for a command");
  std::string text;
  KHOCHUNG_CHECK(read_body(response, [&text](std::string_view bytes) -> Result<void> {
    text += bytes;
    return {};
  }));
  return text;
}

Result<void> write_file(http::BodySink& sink, const http::FilePiece& file) {
  std::vector<std::byte> step(
      std::min<std::uint64_t>(step_bytes, std::max<std::uint64_t>(file.size_bytes, 1)));
  for (std::uint64_t done = 0; done < file.size_bytes;) {
    const auto wanted = std::min<std::uint64_t>(step.size(), file.size_bytes - done);
    const auto count =
        ::pread(file.descriptor, step.data(), wanted, static_cast<off_t>(file.offset + done));
    if (count <= 0)
      return fail(ErrorCode::bad_input, "changed_while_read",
                  "a file became shorter or cannot be read");
    KHOCHUNG_CHECK(sink.write(std::span(step).first(static_cast<std::size_t>(count))));
    done += static_cast<std::uint64_t>(count);
  }
  return {};
}

Result<http::Response> stream(const http::Route& route, const http::Request& request,
                              const http::BodyPieces& body) {
  const auto sink = KHOCHUNG_TRY(route.stream(request));
  for (const auto& piece : body) {
    if (const auto* text = std::get_if<std::string>(&piece)) {
      KHOCHUNG_CHECK(sink->write(std::as_bytes(std::span(*text))));
    } else if (const auto* file = std::get_if<http::FilePiece>(&piece)) {
      KHOCHUNG_CHECK(write_file(*sink, *file));
    } else {
      KHOCHUNG_CHECK(std::get<http::BodyCheck>(piece)());
    }
  }
  return sink->finish();
}

std::string small_body(const http::BodyPieces& body) {
  std::string text;
  for (const auto& piece : body) {
    if (const auto* part = std::get_if<std::string>(&piece)) text += *part;
  }
  return text;
}

}  // namespace

Result<Answer> LocalClient::send(const Call& call) {
  const auto target = KHOCHUNG_TRY(http::parse_target(call.target, "localhost"));
  http::Request request;
  request.method = call.method;
  request.path = target.path;
  request.query = target.query;
  request.fields = call.fields;
  request.content_length = http::length_of(call.body);
  request.client = "local";
  request.is_local_administrator = true;

  const auto answer = [&]() -> Result<http::Response> {
    auto match = KHOCHUNG_TRY(router_.match(call.method, request.path));
    request.parameters = std::move(match.parameters);
    if (match.route->body == http::BodyKind::stream)
      return stream(*match.route, request, call.body);
    request.body = small_body(call.body);
    return match.route->handler(request);
  }();
  if (!answer) return fail(answer.error());
  if (call.into && answer->status < 300) {
    KHOCHUNG_CHECK(
        read_body(*answer, [&](std::string_view bytes) { return write_all(*call.into, bytes); }));
    return Answer{answer->status, answer->fields, {}};
  }
  return Answer{answer->status, answer->fields, KHOCHUNG_TRY(text_of(*answer))};
}

}  // namespace khochung::app
