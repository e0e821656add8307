#include "server/delivery/selection_routes.hpp"

#include "server/api/audit_notes.hpp"
#include "server/delivery/selection.hpp"
#include "server/http/file_answer.hpp"

namespace khochung::delivery {
namespace {

using http::Request;
using http::Response;

Result<Response> zip(const api::Services& services, const api::Site& site, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify(request)).viewer;
  const auto selection = KHOCHUNG_TRY(selection_of(services, request.query_value("ids"), viewer));
  const auto origin = api::origin_of(request, site);
  std::string revisions = origin;
  for (const auto& one : selection.materials) {
    KHOCHUNG_CHECK(api::note_reading(services, request, viewer, one, "selection"));
    const auto& material = one.entry->material;
    revisions += " " + material.id.text() + "@" + std::to_string(material.revision);
  }
  auto source = KHOCHUNG_TRY(zip_of(services, selection, origin));
  const auto size = source->size_bytes();
  http::FileToSend file;
  file.content = {http::PieceRange{std::move(source), 0, size}};
  file.validators.etag = http::ETag{Digest::of(revisions).hex().substr(0, 32), false};
  file.media_type = "application/zip";
  file.name = "Kho Chung.zip";
  return http::file_answer(request, std::move(file));
}

}  // namespace

void add_selection_routes(http::Router& router, const api::Services& services,
                          const api::Site& site) {
  router.add({http::Method::get,
              "/selection.zip",
              http::BodyKind::none,
              [&](const Request& request) { return zip(services, site, request); },
              {},
              0,
              {},
              http::Load::bulk});
}

}  // namespace khochung::delivery
