#include "server/http/file_answer.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "schemas/base64.hpp"
#include "schemas/identifier.hpp"
#include "server/http/byte_range.hpp"
#include "server/http/form.hpp"
#include "server/http/http_date.hpp"

namespace khochung::http {
namespace {

constexpr std::array<std::string_view, 14> shown_types{
    "application/pdf", "image/jpeg", "image/png", "image/webp", "image/gif",
    "image/bmp",       "image/avif", "video/mp4", "video/webm", "audio/mpeg",
    "audio/mp4",       "audio/ogg",  "audio/wav", "text/plain"};

std::uint64_t size_of(const std::vector<Segment>& content) {
  std::uint64_t total = 0;
  for (const auto& segment : content) total += length_of(segment);
  return total;
}

/// Source: RFC 9530, 3; RFC 8941, 3.3.5.
std::string repr_digest(const Digest& sha256) {
  return "sha-256=:" + to_base64(sha256.bytes()) + ":";
}

/// What every answer about the file says, 304 among them.
void add_state(Response& response, const FileToSend& file) {
  const auto& [etag, last_modified] = file.validators;
  if (etag) response.fields.add("ETag", etag->text());
  if (last_modified) response.fields.add("Last-Modified", to_http_date(*last_modified));
  response.fields.add("Cache-Control", file.cache_control);
  response.fields.add("Accept-Ranges", "bytes");
  if (file.sha256) response.fields.add("Repr-Digest", repr_digest(*file.sha256));
}

std::string full_media_type(const std::string& media_type) {
  return media_type == "text/plain" ? "text/plain; charset=utf-8" : media_type;
}

/// What keeps foreign bytes from acting as a page of ours.
/// A PDF gets no sandbox: browsers' readers do not start in one.
void add_confinement(Response& response, const FileToSend& file) {
  const bool shown = may_be_shown(file.media_type);
  const auto disposition = shown ? file.disposition : Disposition::attachment;
  if (!file.name.empty() || !shown) {
    response.fields.add("Content-Disposition", content_disposition(disposition, file.name));
  }
  const bool is_pdf = media_type_of(file.media_type) == "application/pdf";
  response.fields.add("Content-Security-Policy",
                      is_pdf ? "script-src 'none'; frame-ancestors 'self'"
                             : "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; "
                               "style-src 'unsafe-inline'; frame-ancestors 'self'");
}

std::string part_head(const std::string& boundary, const FileToSend& file, const ByteRange& range,
                      std::uint64_t size) {
  return "\r\n--" + boundary + "\r\nContent-Type: " + full_media_type(file.media_type) +
         "\r\nContent-Range: " + content_range(range, size) + "\r\n\r\n";
}

void add_parts(Response& response, const FileToSend& file, const std::vector<ByteRange>& ranges,
               std::uint64_t size) {
  const auto boundary = "khochung-" + Uuid::make().text();
  response.fields.add("Content-Type", "multipart/byteranges; boundary=" + boundary);
  for (const auto& range : ranges) {
    response.body.emplace_back(part_head(boundary, file, range, size));
    std::ranges::move(slice(file.content, range.first, range.length),
                      std::back_inserter(response.body));
  }
  response.body.emplace_back("\r\n--" + boundary + "--\r\n");
}

void add_ranges(Response& response, const FileToSend& file, const std::vector<ByteRange>& ranges,
                std::uint64_t size) {
  response.status = 206;
  if (ranges.size() > 1) {
    add_parts(response, file, ranges, size);
    return;
  }
  const auto& range = ranges.front();
  response.fields.add("Content-Type", full_media_type(file.media_type));
  response.fields.add("Content-Range", content_range(range, size));
  response.body = slice(file.content, range.first, range.length);
}

/// Ranges are defined for GET alone. Source: RFC 9110, 14.2.
RangeSelection selection_for(const Request& request, const FileToSend& file, std::uint64_t size) {
  const bool asked = request.method == Method::get && request.fields.has("Range");
  if (!asked || !range_applies(request, file.validators)) return {};
  return select_ranges(request.fields.get("Range"), size);
}

}  // namespace

bool may_be_shown(std::string_view media_type) {
  return std::ranges::find(shown_types, media_type_of(media_type)) != shown_types.end();
}

std::vector<Segment> whole(std::shared_ptr<const storage::BlobReader> blob) {
  const auto size = blob->size_bytes();
  return {BlobRange{std::move(blob), 0, size}};
}

std::vector<Segment> slice(const std::vector<Segment>& content, std::uint64_t offset,
                           std::uint64_t length) {
  std::vector<Segment> part;
  for (const auto& segment : content) {
    const auto size = length_of(segment);
    if (length == 0) break;
    if (offset >= size) {
      offset -= size;
      continue;
    }
    const auto taken = std::min(length, size - offset);
    if (const auto* range = std::get_if<BlobRange>(&segment)) {
      part.emplace_back(BlobRange{range->blob, range->offset + offset, taken});
    } else if (const auto* pieces = std::get_if<PieceRange>(&segment)) {
      part.emplace_back(PieceRange{pieces->source, pieces->offset + offset, taken});
    } else {
      part.emplace_back(std::get<std::string>(segment).substr(offset, taken));
    }
    offset = 0;
    length -= taken;
  }
  return part;
}

Response file_answer(const Request& request, FileToSend file) {
  Response response;
  add_state(response, file);
  if (const auto status = status_by_conditions(request, file.validators)) {
    response.status = *status;
    return response;
  }
  const auto size = size_of(file.content);
  const auto selection = selection_for(request, file, size);
  if (selection.kind == RangeSelection::Kind::unsatisfiable) {
    response.status = 416;
    response.fields.add("Content-Range", "bytes */" + std::to_string(size));
    return response;
  }
  add_confinement(response, file);
  if (selection.kind == RangeSelection::Kind::partial) {
    add_ranges(response, file, selection.ranges, size);
    return response;
  }
  response.fields.add("Content-Type", full_media_type(file.media_type));
  response.body = std::move(file.content);
  return response;
}

}  // namespace khochung::http
