#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/digest.hpp"
#include "schemas/instant.hpp"
#include "server/http/content_disposition.hpp"
#include "server/http/etag.hpp"
#include "server/http/message.hpp"

namespace khochung::http {

/// Bytes to be sent as a file: a blob, bytes in memory, or a list of both (a kit's ZIP).
struct FileToSend {
  std::vector<Segment> content;
  Validators validators;
  std::optional<Digest> sha256;  ///< of all of it: told as Repr-Digest
  std::string media_type = "application/octet-stream";
  std::string name;  ///< as the person knows it; empty: no Content-Disposition
  Disposition disposition = Disposition::attachment;
  /// Default: kept by the browser alone and asked for again each time.
  std::string cache_control = "private, no-cache";
};

/// The whole of a blob as the content of a file.
std::vector<Segment> whole(std::shared_ptr<const storage::BlobReader> blob);

/// The answer that gives a file: 200, 206 for ranges (several as multipart/byteranges), 304 and 412
/// by conditions, 416. Types that could run scripts are sent as attachments in a sandbox whatever
/// `disposition` says.
/// Source: RFC 9110, 13 to 15; OWASP ASVS 3.5.
Response file_answer(const Request& request, FileToSend file);

/// Whether a browser may show bytes of this type in a page of ours.
bool may_be_shown(std::string_view media_type);

/// The part of `content` from `offset`: blobs are pointed into, not read.
std::vector<Segment> slice(const std::vector<Segment>& content, std::uint64_t offset,
                           std::uint64_t length);

}  // namespace khochung::http
