#include "server/http/message.hpp"

#include <algorithm>

#include "server/http/encoding.hpp"

namespace khochung::http {
namespace {

/// So that a head seldom has to move its fields.
constexpr std::size_t usual_fields = 12;

}  // namespace

void Fields::add(std::string name, std::string value) {
  if (fields_.empty()) fields_.reserve(usual_fields);
  fields_.emplace_back(std::move(name), std::move(value));
}

void Fields::set(std::string name, std::string value) {
  std::erase_if(fields_, [&](const auto& field) { return equal_without_case(field.first, name); });
  add(std::move(name), std::move(value));
}

std::string_view Fields::get(std::string_view name) const {
  const auto* value = find(name);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

bool Fields::has(std::string_view name) const {
  return find(name) != nullptr;
}

const std::string* Fields::find(std::string_view name) const {
  const auto row = std::ranges::find_if(
      fields_, [&](const auto& field) { return equal_without_case(field.first, name); });
  return row == fields_.end() ? nullptr : &row->second;
}

std::string Request::query_value(std::string_view name) const {
  const auto row = query.find(std::string(name));
  return row == query.end() ? std::string() : row->second;
}

const std::string& Request::parameter(std::string_view name) const {
  static const std::string absent;
  const auto row = parameters.find(std::string(name));
  return row == parameters.end() ? absent : row->second;
}

Result<PieceSource::Piece> piece_of(const PieceRange& range, std::uint64_t done) {
  auto piece = KHOCHUNG_TRY(range.source->piece_at(range.offset + done));
  const auto left = range.length - done;
  if (auto* text = std::get_if<std::string>(&piece)) {
    if (text->size() > left) text->resize(left);
  } else {
    auto& part = std::get<BlobRange>(piece);
    part.length = std::min(part.length, left);
  }
  return piece;
}

std::uint64_t length_of(const PieceSource::Piece& piece) {
  const auto* range = std::get_if<BlobRange>(&piece);
  return range == nullptr ? std::get<std::string>(piece).size() : range->length;
}

std::uint64_t length_of(const Segment& segment) {
  if (const auto* range = std::get_if<BlobRange>(&segment)) return range->length;
  if (const auto* range = std::get_if<PieceRange>(&segment)) return range->length;
  return std::get<std::string>(segment).size();
}

std::uint64_t Response::content_length() const {
  std::uint64_t total = 0;
  for (const auto& segment : body) total += length_of(segment);
  return total;
}

Response Response::text(int status, std::string media_type, std::string body) {
  Response response;
  response.status = status;
  response.fields.add("Content-Type", std::move(media_type));
  response.body.emplace_back(std::move(body));
  return response;
}

Response Response::redirect(std::string location) {
  Response response;
  response.status = 303;
  response.fields.add("Location", std::move(location));
  return response;
}

std::string_view to_text(Method method) {
  switch (method) {
    case Method::get: return "GET";
    case Method::head: return "HEAD";
    case Method::post: return "POST";
    case Method::put: return "PUT";
    case Method::patch: return "PATCH";
    case Method::delete_: return "DELETE";
    case Method::options: return "OPTIONS";
  }
  return "";
}

std::optional<Method> method_from(std::string_view text) {
  for (const auto method : {Method::get, Method::head, Method::post, Method::put, Method::patch,
                            Method::delete_, Method::options}) {
    if (to_text(method) == text) return method;
  }
  return std::nullopt;
}

}  // namespace khochung::http
