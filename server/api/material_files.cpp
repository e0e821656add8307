#include "server/api/material_files.hpp"

#include <algorithm>
#include <array>

#include "indexer/pipeline/page_map.hpp"
#include "server/api/revision.hpp"
#include "server/http/content_disposition.hpp"
#include "server/http/file_answer.hpp"

namespace khochung::api {
namespace {

using http::Request;
using http::Response;

constexpr int widest_page_picture = 2'400;
constexpr std::array<std::string_view, 3> rendition_names{"thumbnail.jpg", "light.jpg",
                                                          "layout.pdf"};

/// How a file or picture is sent: under its digest, kept by shared caches only when it is public.
http::FileToSend file_to_send(const Readable& readable,
                              std::shared_ptr<const storage::BlobReader> blob, std::string etag) {
  http::FileToSend file;
  file.content = http::whole(std::move(blob));
  file.validators.etag = http::ETag{std::move(etag), false};
  const bool is_public = access::may(access::Viewer::anonymous(), access::Action::read,
                                     readable.standing, *readable.tree, now());
  file.cache_control = is_public ? "public, max-age=300" : "private, no-cache";
  return file;
}

http::FileToSend file_to_send(const Readable& readable, storage::BlobReader blob,
                              std::string etag) {
  return file_to_send(readable, std::make_shared<const storage::BlobReader>(std::move(blob)),
                      std::move(etag));
}

Result<Response> rendition(const Services& services, const Request& request,
                           const Readable& readable, const std::string& name) {
  const auto& material = readable.entry->material;
  const bool is_known = std::ranges::count(rendition_names, name) > 0;
  if (!is_known || material.files.empty()) return fail(ErrorCode::not_found, "no file " + name);
  const auto& source = material.files.front().sha256;
  auto blob = KHOCHUNG_TRY(services.derivatives.rendition(source, name));
  auto file = file_to_send(readable, std::move(blob), source.hex() + "-" + name);
  file.media_type = name.ends_with(".pdf") ? "application/pdf" : "image/jpeg";
  file.name = name;
  file.disposition = http::Disposition::in_page;
  return http::file_answer(request, std::move(file));
}

}  // namespace

const MaterialFile* find_original(const Material& material, std::string_view name) {
  const auto found = std::ranges::find(material.files, name, &MaterialFile::name);
  return found == material.files.end() ? nullptr : &*found;
}

storage::CheckedBlobs::Extent extent_of(const Request& request) {
  const bool is_whole = request.method == http::Method::get && !request.fields.has("Range");
  return is_whole ? storage::CheckedBlobs::Extent::whole : storage::CheckedBlobs::Extent::part;
}

Response original_file(const Request& request, const Readable& readable, const MaterialFile& kept,
                       std::shared_ptr<const storage::BlobReader> blob) {
  auto file = file_to_send(readable, std::move(blob), kept.sha256.hex());
  file.sha256 = kept.sha256;
  file.media_type = kept.media_type;
  file.name = kept.name;
  if (request.query_value("inline") == "1") file.disposition = http::Disposition::in_page;
  return http::file_answer(request, std::move(file));
}

Result<Response> material_file(const Services& services, const Request& request,
                               const Readable& readable, const std::string& name) {
  const auto* found = find_original(readable.entry->material, name);
  if (found == nullptr) return rendition(services, request, readable, name);
  auto blob = KHOCHUNG_TRY(services.checked_blobs.open(found->sha256, extent_of(request)));
  return original_file(request, readable, *found,
                       std::make_shared<const storage::BlobReader>(std::move(blob)));
}

Result<Response> page_picture_of(const Services& services, const Request& request,
                                 const Readable& readable) {
  const auto number = KHOCHUNG_TRY(whole_number(request.parameter("n")));
  const auto place =
      KHOCHUNG_TRY(pipeline::locate_page(readable.entry->material, number, services.derivatives));
  const auto asked = request.query_value("width");
  const int width =
      asked.empty() ? 1'200 : std::min(KHOCHUNG_TRY(whole_number(asked)), widest_page_picture);
  auto picture = KHOCHUNG_TRY(services.renditions.page_picture(*place.file, place.page, width));
  const auto etag =
      place.file->sha256.hex() + "-" + std::to_string(place.page) + "-" + std::to_string(width);
  auto file = file_to_send(readable, std::move(picture), etag);
  file.media_type = "image/jpeg";
  file.name = "page-" + std::to_string(number) + ".jpg";
  file.disposition = http::Disposition::in_page;
  return http::file_answer(request, std::move(file));
}

}  // namespace khochung::api
