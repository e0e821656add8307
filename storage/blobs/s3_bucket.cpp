#include "storage/blobs/s3_bucket.hpp"

#include <algorithm>

namespace khochung::storage {
namespace {

using Method = S3Request::Method;

/// ETags go back to the service in XML: only what cannot mean anything there.
Result<std::string> checked_etag(std::string etag) {
  const bool is_plain = std::ranges::all_of(etag, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
  if (is_plain && !etag.empty()) return etag;
  return fail(ErrorCode::unavailable, "S3: an object was taken without a usable ETag");
}

std::vector<std::pair<std::string, std::string>> query_of(const S3Part& part) {
  return {{"partNumber", std::to_string(part.number)}, {"uploadId", part.upload}};
}

S3Request request_for(Method method, const std::string& key) {
  S3Request request;
  request.method = method;
  request.key = key;
  return request;
}

S3Request xml_request(Method method, const std::string& key, std::string text) {
  auto request = request_for(method, key);
  request.fields.emplace_back("content-type", "application/xml");
  request.payload = Digest::of(text);
  request.text = std::move(text);
  return request;
}

}  // namespace

Result<S3Object> S3Bucket::head(const std::string& key) const {
  auto answer = KHOCHUNG_TRY(client_.send({.method = Method::head, .key = key}));
  return S3Object{answer.size_bytes, std::move(answer.etag)};
}

Result<void> S3Bucket::read(const std::string& key, std::uint64_t offset,
                            std::span<std::byte> into) const {
  const auto answer = KHOCHUNG_TRY(
      client_.send({.method = Method::get, .key = key, .into = into, .offset = offset}));
  if (answer.size_bytes >= offset + into.size()) return {};
  return fail(ErrorCode::unavailable, "S3: " + key + " has become shorter");
}

Result<S3Object> S3Bucket::open(const std::string& key, std::span<std::byte> into) const {
  auto answer = client_.send({.method = Method::get, .key = key, .into = into});
  if (answer) return S3Object{answer->size_bytes, std::move(answer->etag)};
  // Nothing has no first byte.
  if (answer.error().code == ErrorCode::range_not_satisfiable) return head(key);
  return fail(answer.error());
}

Result<std::string> S3Bucket::put(const std::string& key, const FilePart& file,
                                  const Digest& sha256) const {
  auto answer = KHOCHUNG_TRY(
      client_.send({.method = Method::put, .key = key, .file = file, .payload = sha256}));
  return checked_etag(std::move(answer.etag));
}

Result<void> S3Bucket::copy(const std::string& from, const std::string& to) const {
  auto request = request_for(Method::put, to);
  request.fields.emplace_back("x-amz-copy-source", "/" + client_.address().bucket + "/" + from);
  return s3_success(KHOCHUNG_TRY(client_.send(request)).text);
}

Result<void> S3Bucket::remove(const std::string& key) const {
  const auto answer = client_.send({.method = Method::delete_, .key = key});
  if (!answer && answer.error().code != ErrorCode::not_found) return fail(answer.error());
  return {};
}

Result<S3Page> S3Bucket::list(const std::string& prefix, const std::string& from, int most) const {
  S3Request request;
  request.query.emplace_back("list-type", "2");
  request.query.emplace_back("prefix", prefix);
  request.query.emplace_back("max-keys", std::to_string(most));
  if (!from.empty()) request.query.emplace_back("continuation-token", from);
  return s3_page(KHOCHUNG_TRY(client_.send(request)).text);
}

Result<std::string> S3Bucket::begin_upload(const std::string& key) const {
  return s3_upload_id(
      KHOCHUNG_TRY(client_.send({.method = Method::post, .key = key, .query = {{"uploads", ""}}}))
          .text);
}

Result<std::string> S3Bucket::put_part(const S3Part& part, const FilePart& file,
                                       const Digest& sha256) const {
  S3Request request{.method = Method::put, .key = part.key, .file = file, .payload = sha256};
  request.query = query_of(part);
  return checked_etag(KHOCHUNG_TRY(client_.send(request)).etag);
}

Result<void> S3Bucket::complete_upload(const std::string& key, const std::string& id,
                                       const std::vector<std::string>& etags) const {
  auto request = xml_request(Method::post, key, s3_parts(etags));
  request.query.emplace_back("uploadId", id);
  return s3_success(KHOCHUNG_TRY(client_.send(request)).text);
}

Result<void> S3Bucket::give_up_upload(const std::string& key, const std::string& id) const {
  auto request = request_for(Method::delete_, key);
  request.query.emplace_back("uploadId", id);
  const auto answer = client_.send(request);
  if (!answer && answer.error().code != ErrorCode::not_found) return fail(answer.error());
  return {};
}

Result<S3Uploads> S3Bucket::uploads(const std::string& prefix, const S3Uploads& before) const {
  S3Request request;
  request.query.emplace_back("prefix", prefix);
  request.query.emplace_back("uploads", "");
  if (!before.next_key.empty()) request.query.emplace_back("key-marker", before.next_key);
  if (!before.next_id.empty()) request.query.emplace_back("upload-id-marker", before.next_id);
  return s3_uploads(KHOCHUNG_TRY(client_.send(request)).text);
}

}  // namespace khochung::storage
