#include <boost/json.hpp>
#include <charconv>
#include <ranges>

#include "indexer/pipeline/page_map.hpp"
#include "schemas/json_reader.hpp"
#include "server/api/audit_notes.hpp"
#include "server/api/followers.hpp"
#include "server/api/material_files.hpp"
#include "server/api/material_json.hpp"
#include "server/api/material_patch.hpp"
#include "server/api/readable.hpp"
#include "server/api/revision.hpp"
#include "server/api/routes.hpp"
#include "server/api/use_rights.hpp"
#include "server/http/etag.hpp"

namespace khochung::api {
namespace {

using boost::json::array;
using boost::json::object;
using http::Request;
using http::Response;

/// The material of a request for `what` of it; the audit chain is told where that is sensitive.
Result<Readable> opened_for_reading(const Services& services, const Request& request,
                                    std::string_view what) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify(request));
  auto readable = KHOCHUNG_TRY(find_readable(services, request.parameter("id"), identity.viewer));
  KHOCHUNG_CHECK(demand_use(readable, identity.viewer));
  KHOCHUNG_CHECK(note_reading(services, request, identity.viewer, readable, what));
  return readable;
}

Result<Response> show(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify(request));
  const auto readable =
      KHOCHUNG_TRY(find_readable(services, request.parameter("id"), identity.viewer));
  const http::ETag tag{"r" + std::to_string(readable.entry->material.revision), false};
  if (const auto status = http::status_by_conditions(request, {tag, std::nullopt})) {
    Response unchanged{*status, {}, {}};
    unchanged.fields.set("ETag", tag.text());
    return unchanged;
  }
  return material_answer(*readable.entry, services, identity.viewer);
}

Result<Response> patch(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  const auto readable =
      KHOCHUNG_TRY(find_readable(services, request.parameter("id"), identity.viewer));
  const auto expected = KHOCHUNG_TRY(required_revision(request));
  boost::json::error_code error;
  const auto body = boost::json::parse(request.body, error);
  if (error || !body.is_object()) return fail(ErrorCode::bad_input, "a PATCH is a JSON object");
  const auto& tree = *readable.tree;
  const auto edit = [&](Material& material) {
    return change_by_patch(material, body.get_object(),
                           {identity.viewer, tree, &services.vocabularies});
  };
  const pipeline::Change change{identity.viewer.name,
                                request.is_local_administrator ? "cli" : "api",
                                pipeline::reason_of("edited")};
  const auto changed =
      KHOCHUNG_TRY(services.materials.revise(readable.entry->material.id, expected, change, edit));
  services.index_bell.ring();
  tell_followers(services, changed);
  return material_answer(changed, services, identity.viewer);
}

Result<Response> file(const Services& services, const Request& request) {
  const auto& name = request.parameter("name");
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify(request));
  const auto readable =
      KHOCHUNG_TRY(find_readable(services, request.parameter("id"), identity.viewer));
  KHOCHUNG_CHECK(demand_use(readable, identity.viewer));
  const auto* found = find_original(readable.entry->material, name);
  // The name of a file may name a person, and nothing is ever taken out of the audit chain.
  const auto what = found == nullptr ? name : found->sha256.hex();
  KHOCHUNG_CHECK(note_reading(services, request, identity.viewer, readable, what));
  return material_file(services, request, readable, name);
}

/// What many ask for at once, such as a press photograph: no thread is changed for it.
std::optional<Response> file_at_once(const Services& services, const Request& request) {
  const auto readable = recall_readable(services, request, request.parameter("id"));
  if (!readable || !use_refusal(*readable, access::Viewer::anonymous()).empty())
    return std::nullopt;
  const auto* found = find_original(readable->entry->material, request.parameter("name"));
  if (found == nullptr) return std::nullopt;
  auto blob = services.checked_blobs.open_at_once(found->sha256, extent_of(request));
  if (!blob) return std::nullopt;
  return original_file(request, *readable, *found, std::move(blob));
}

object words_json(const storage::PageText& page) {
  array words;
  for (const auto& word : page.words) {
    words.push_back(object{{"text", word.text},
                           {"x", word.x},
                           {"y", word.y},
                           {"w", word.w},
                           {"h", word.h},
                           {"confidence", word.confidence}});
  }
  return {{"text", page.text},   {"raw_text", page.raw_text.empty() ? page.text : page.raw_text},
          {"width", page.width}, {"height", page.height},
          {"trust", page.trust}, {"words", std::move(words)}};
}

Result<Response> page_text(const Services& services, const Request& request) {
  const auto readable = KHOCHUNG_TRY(opened_for_reading(services, request, "pages"));
  const auto number = KHOCHUNG_TRY(whole_number(request.parameter("n")));
  const auto place =
      KHOCHUNG_TRY(pipeline::locate_page(readable.entry->material, number, services.derivatives));
  const auto page = KHOCHUNG_TRY(services.derivatives.page(place.file->sha256, place.page));
  return Response::json(200, boost::json::serialize(words_json(page)));
}

Result<Response> page_picture(const Services& services, const Request& request) {
  const auto readable = KHOCHUNG_TRY(opened_for_reading(services, request, "pages"));
  return page_picture_of(services, request, readable);
}

/// Where these bytes are, for whoever may read a material that holds them; to others they are
/// nowhere.
Result<Response> holders_of_bytes(const Services& services, const Request& request) {
  constexpr std::size_t most_holders = 20;
  constexpr std::ptrdiff_t most_looked_at = 500;  // the same leaflet may be in every province
  const auto sha256 = Digest::parse(request.parameter("sha256"));
  if (!sha256) return fail(ErrorCode::not_found, "no digest");
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify(request)).viewer;
  boost::json::array materials;
  const auto holders = KHOCHUNG_TRY(services.catalogue.with_blob(*sha256));
  for (const auto& id : holders | std::views::take(most_looked_at)) {
    const auto found = find_readable(services, id.text(), viewer);
    if (!found) continue;
    const auto* owner = found->tree->find(found->entry->material.unit);
    materials.push_back(
        object{{"id", id.text()},
               {"title", found->entry->material.title},
               {"unit", owner == nullptr ? object()
                                         : unit_json(*owner, *found->tree, language_of(request))}});
    if (materials.size() == most_holders) break;
  }
  auto response =
      Response::json(200, boost::json::serialize(object{{"sha256", sha256->hex()},
                                                        {"materials", std::move(materials)}}));
  response.fields.set("Cache-Control", "private, no-store");
  return response;
}

}  // namespace

void add_material_routes(http::Router& router, const Services& services) {
  using enum http::Method;
  const auto bind = [&services](auto handler) {
    return [&services, handler](const Request& request) { return handler(services, request); };
  };
  const std::string material = "/api/v1/materials/{id}";
  router.add({get, material, http::BodyKind::none, bind(show), {}, 0});
  router.add({get, "/api/v1/files/{sha256}", http::BodyKind::none, bind(holders_of_bytes), {}, 0});
  router.add({http::Method::patch, material, http::BodyKind::small, bind(api::patch), {}, 0});
  router.add({get,
              material + "/files/{name}",
              http::BodyKind::none,
              bind(file),
              {},
              0,
              bind(file_at_once)});
  router.add({get, material + "/pages/{n}/text", http::BodyKind::none, bind(page_text), {}, 0});
  router.add({get,
              material + "/pages/{n}/image",
              http::BodyKind::none,
              bind(page_picture),
              {},
              0,
              {},
              http::Load::picture});
}

}  // namespace khochung::api
