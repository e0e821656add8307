#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <utility>

#include "schemas/json_reader.hpp"
#include "server/api/readable.hpp"
#include "server/api/routes.hpp"
#include "server/api/tus.hpp"
#include "server/api/upload_intake.hpp"
#include "server/http/http_date.hpp"
#include "storage/packages/digests.hpp"

namespace khochung::api {
namespace {

using boost::json::object;
using http::BodyKind;
using http::Method;
using http::Request;
using http::Response;
using storage::Upload;
using storage::UploadStore;

const std::string uploads_address = "/api/v1/uploads";

std::string address_of(const Upload& upload) {
  return uploads_address + "/" + upload.id.text();
}

void describe(Response& response, const Upload& upload) {
  tus::add_version(response);
  response.fields.set("Upload-Offset", std::to_string(upload.offset_bytes));
  response.fields.set("Upload-Length", std::to_string(upload.length_bytes));
  if (upload.state == storage::UploadState::receiving)
    response.fields.set("Upload-Expires", http::to_http_date(upload.expires_at));
}

/// The upload that a request names, for the one who began it; another's looks like none.
Result<Upload> find_own(const Services& services, const Request& request,
                        const access::Viewer& viewer) {
  const auto id = UploadId::parse(request.parameter("id"));
  if (!id) return fail(ErrorCode::not_found, "no such upload");
  auto upload = KHOCHUNG_TRY(services.uploads.find(*id));
  if (upload.creator != viewer.name) return fail(ErrorCode::not_found, "another's upload");
  return upload;
}

/// The answer to bytes that have come: what is whole becomes a material before it is given.
Result<Response> answer_to(const Services& services, const access::Viewer& viewer, int status,
                           Upload upload) {
  if (upload.is_whole() && !is_sheet(upload))
    upload = KHOCHUNG_TRY(take_upload(services, viewer, upload));
  Response response;
  response.status = status;
  describe(response, upload);
  if (status == 201) response.fields.set("Location", address_of(upload));
  return response;
}

/// The bytes of one request on their way into an upload.
class ByteSink final : public http::BodySink {
 public:
  ByteSink(const Services& services, access::Viewer viewer, int status,
           std::unique_ptr<UploadStore::Appender> appender, std::optional<tus::Checksum> checksum)
      : services_(services),
        viewer_(std::move(viewer)),
        status_(status),
        appender_(std::move(appender)),
        checksum_(std::move(checksum)) {
    if (checksum_) digests_.emplace(std::vector{checksum_->algorithm});
  }

  Result<void> write(std::span<const std::byte> bytes) override {
    if (digests_) digests_->update(bytes);
    return appender_->write(bytes);
  }

  Result<Response> finish() override {
    if (digests_ && digests_->finish().at(checksum_->algorithm) != checksum_->hex)
      return fail(ErrorCode::bad_input, "checksum_mismatch", "the bytes have another digest");
    return answer_to(services_, viewer_, status_, KHOCHUNG_TRY(appender_->finish()));
  }

 private:
  const Services& services_;
  access::Viewer viewer_;
  int status_;
  std::unique_ptr<UploadStore::Appender> appender_;
  std::optional<tus::Checksum> checksum_;
  std::optional<storage::Digests> digests_;
};

/// A request without bytes at an address that may take some.
class NoBytes final : public http::BodySink {
 public:
  explicit NoBytes(Response response) : response_(std::move(response)) {}
  Result<void> write(std::span<const std::byte> /*bytes*/) override {
    return fail(ErrorCode::bad_input, "unexpected_body", "bytes where none belong");
  }
  Result<Response> finish() override { return std::move(response_); }

 private:
  Response response_;
};

using Sink = std::unique_ptr<http::BodySink>;

Result<Sink> begin_bytes(const Services& services, const Request& request,
                         const access::Viewer& viewer, const Upload& upload, int status,
                         std::uint64_t offset_bytes) {
  if (request.fields.get("Content-Type") != tus::body_media_type)
    return fail(ErrorCode::unsupported, "upload_media_type", "not bytes of an upload");
  auto checksum = KHOCHUNG_TRY(tus::checksum_from(request.fields.get("Upload-Checksum")));
  auto appender = KHOCHUNG_TRY(services.uploads.append(
      upload.id, offset_bytes, request.content_length, checksum.has_value()));
  return std::make_unique<ByteSink>(services, viewer, status, std::move(appender),
                                    std::move(checksum));
}

Result<Sink> create(const Services& services, const Request& request) {
  KHOCHUNG_CHECK(tus::check_version(request));
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request)).viewer;
  const auto length = KHOCHUNG_TRY(tus::number_from(request.fields.get("Upload-Length")));
  const auto metadata = std::string(request.fields.get("Upload-Metadata"));
  // What cannot become a material is refused before its first byte.
  const auto unit = KHOCHUNG_TRY(check_upload(services, viewer, metadata));
  auto upload = KHOCHUNG_TRY(services.uploads.create(viewer.name, unit, length, metadata));
  if (request.content_length > 0) return begin_bytes(services, request, viewer, upload, 201, 0);
  return std::make_unique<NoBytes>(
      KHOCHUNG_TRY(answer_to(services, viewer, 201, std::move(upload))));
}

Result<Sink> go_on(const Services& services, const Request& request) {
  KHOCHUNG_CHECK(tus::check_version(request));
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request)).viewer;
  const auto offset = KHOCHUNG_TRY(tus::number_from(request.fields.get("Upload-Offset")));
  const auto upload = KHOCHUNG_TRY(find_own(services, request, viewer));
  return begin_bytes(services, request, viewer, upload, 204, offset);
}

Result<Response> remove(const Services& services, const Request& request) {
  KHOCHUNG_CHECK(tus::check_version(request));
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request)).viewer;
  const auto upload = KHOCHUNG_TRY(find_own(services, request, viewer));
  KHOCHUNG_CHECK(services.uploads.remove(upload.id));
  Response response;
  response.status = 204;
  tus::add_version(response);
  return response;
}

/// For clients whose network lets no other method through. Source: tus, X-HTTP-Method-Override.
Result<Sink> stand_in(const Services& services, const Request& request) {
  const auto method = request.fields.get("X-HTTP-Method-Override");
  if (method == "PATCH") return go_on(services, request);
  if (method == "DELETE") return std::make_unique<NoBytes>(KHOCHUNG_TRY(remove(services, request)));
  return fail(ErrorCode::unsupported, "method_not_allowed", "POST stands in for PATCH or DELETE");
}

Result<Response> show(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify(request)).viewer;
  auto upload = KHOCHUNG_TRY(find_own(services, request, viewer));
  // Bytes that were all there when a connection broke or the server ended.
  if (upload.is_whole() && !is_sheet(upload))
    upload = KHOCHUNG_TRY(take_upload(services, viewer, upload));
  if (request.method == Method::head && upload.state == storage::UploadState::refused)
    return fail(ErrorCode::gone, "upload_refused", "the upload was refused");
  auto response =
      Response::json(200, boost::json::serialize(upload_json(upload, language_of(request))));
  describe(response, upload);
  if (!upload.metadata.empty()) response.fields.set("Upload-Metadata", upload.metadata);
  return response;
}

Result<Response> list(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify(request)).viewer;
  if (viewer.kind == access::AccountKind::anonymous)
    return fail(ErrorCode::unauthenticated, "uploads belong to accounts");
  boost::json::array uploads;
  for (const auto& upload : KHOCHUNG_TRY(services.uploads.receiving(viewer.name)))
    uploads.push_back(upload_json(upload, language_of(request)));
  auto response =
      Response::json(200, boost::json::serialize(object{{"uploads", std::move(uploads)}}));
  tus::add_version(response);
  return response;
}

Result<Response> options(const Services& services) {
  Response response;
  response.status = 204;
  tus::add_version(response);
  response.fields.set("Tus-Version", std::string(tus::version));
  response.fields.set("Tus-Extension", std::string(tus::extensions));
  response.fields.set("Tus-Checksum-Algorithm", std::string(tus::checksum_algorithms));
  response.fields.set("Tus-Max-Size", std::to_string(services.uploads.settings().max_file_bytes));
  return response;
}

}  // namespace

void add_upload_routes(http::Router& router, const Services& services) {
  const auto bind = [&services](auto handler) {
    return [&services, handler](const Request& request) { return handler(services, request); };
  };
  const auto one = uploads_address + "/{id}";
  const auto say_options = [&services](const Request&) { return options(services); };
  router.add({Method::options, uploads_address, BodyKind::none, say_options, {}, 0});
  router.add({Method::options, one, BodyKind::none, say_options, {}, 0});
  router.add({Method::get, uploads_address, BodyKind::none, bind(list), {}, 0});
  router.add({Method::post, uploads_address, BodyKind::stream, {}, bind(create), 0});
  router.add({Method::get, one, BodyKind::none, bind(show), {}, 0});
  router.add({Method::patch, one, BodyKind::stream, {}, bind(go_on), 0});
  router.add({Method::post, one, BodyKind::stream, {}, bind(stand_in), 0});
  router.add({Method::delete_, one, BodyKind::none, bind(remove), {}, 0});
}

}  // namespace khochung::api
