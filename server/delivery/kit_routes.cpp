#include "server/delivery/kit_routes.hpp"

#include <boost/json.hpp>

#include "schemas/access/review.hpp"
#include "schemas/json_reader.hpp"
#include "server/api/audit_notes.hpp"
#include "server/api/followers.hpp"
#include "server/api/material_patch.hpp"
#include "server/api/revision.hpp"
#include "server/api/route_adder.hpp"
#include "server/delivery/kit_json.hpp"
#include "server/delivery/kit_zip.hpp"
#include "server/http/file_answer.hpp"

namespace khochung::delivery {
namespace {

using api::Services;
using boost::json::object;
using http::Request;
using http::Response;

Result<object> body_of(const Request& request) {
  boost::json::error_code error;
  auto body = boost::json::parse(request.body, error);
  if (error || !body.is_object()) return fail(ErrorCode::bad_input, "the body is a JSON object");
  return std::move(body.get_object());
}

Result<void> check_bounds(const KitContent& content) {
  const auto is_long = [](const std::string& text) {
    return text.size() > Kit::longest_text_bytes;
  };
  bool is_large = content.items.size() > Kit::most_items ||
                  content.quotes.size() > Kit::most_quotes || is_long(content.release) ||
                  is_long(content.contact);
  for (const auto& quote : content.quotes) is_large = is_large || is_long(quote.text);
  for (const auto& item : content.items) is_large = is_large || is_long(item.caption);
  if (is_large) return fail(ErrorCode::too_large, "more than a press kit can hold");
  return {};
}

/// Takes the members of a kit out of `body` into the draft; the rest is the material's.
Result<void> take_content(object& body, KitContent& draft) {
  auto changed = to_json(draft);
  for (const auto* name : {"release", "quotes", "contact", "items"}) {
    const auto* given = body.if_contains(name);
    if (given == nullptr) continue;
    if (given->kind() != changed.at(name).kind())
      return fail(ErrorCode::bad_input, std::string(name) + ": of another type");
    changed[name] = *given;
    body.erase(name);
  }
  draft = KHOCHUNG_TRY(kit_content_from_json(changed));
  return check_bounds(draft);
}

Result<Response> kit_answer(const Services& services, const access::Viewer& viewer,
                            const MaterialId& id, int status) {
  const auto readable = KHOCHUNG_TRY(api::find_readable(services, id.text(), viewer));
  const auto json = KHOCHUNG_TRY(kit_json(services, readable, viewer));
  auto response = Response::json(status, boost::json::serialize(json));
  response.fields.set("ETag", api::revision_tag(readable.entry->material.revision));
  return response;
}

Result<Response> create(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  auto body = KHOCHUNG_TRY(body_of(request));
  const auto tree = services.units.tree();
  const auto* root = tree->root();
  if (root == nullptr) return fail(ErrorCode::bad_input, "unknown_unit", "there is no unit yet");
  Material material;
  material.kit.emplace();
  KHOCHUNG_CHECK(take_content(body, material.kit->draft));
  material.unit = root->id;
  material.kind = kit_kind;
  material.language = "vi";
  material.visibility = Visibility::press;
  material.creator = identity.viewer.name;
  KHOCHUNG_CHECK(
      api::change_by_patch(material, body, {identity.viewer, *tree, &services.vocabularies}));
  if (material.title.empty()) return fail(ErrorCode::bad_input, "a kit needs a title");
  material.kind = kit_kind;
  material.state = State::draft;
  const auto standing = KHOCHUNG_TRY(access::Standing::of(material, *tree));
  if (!access::may(identity.viewer, access::Action::create, standing, *tree, now()))
    return fail(ErrorCode::forbidden, "may not make a kit for this unit");
  const auto made = KHOCHUNG_TRY(services.materials.create(
      material, api::change_of(request, identity.viewer, pipeline::reason_of("kit_begun")), {}));
  services.index_bell.ring();
  auto response = KHOCHUNG_TRY(kit_answer(services, identity.viewer, made.id, 201));
  response.fields.set("Location", "/api/v1/kits/" + made.id.text());
  return response;
}

Result<Response> show(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify(request)).viewer;
  const auto id = MaterialId::parse(request.parameter("id"));
  if (!id) return fail(ErrorCode::not_found, "no such kit");
  return kit_answer(services, viewer, *id, 200);
}

/// The kit of a request that changes it.
Result<api::Readable> kit_for_change(const Services& services, const Request& request,
                                     const access::Viewer& viewer) {
  auto readable = KHOCHUNG_TRY(api::find_readable(services, request.parameter("id"), viewer));
  if (!readable.entry->material.kit) return fail(ErrorCode::not_found, "it is no press kit");
  return readable;
}

Result<Response> patch(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request)).viewer;
  const auto readable = KHOCHUNG_TRY(kit_for_change(services, request, viewer));
  const auto expected = KHOCHUNG_TRY(api::required_revision(request));
  const auto body = KHOCHUNG_TRY(body_of(request));
  const auto edit = [&](Material& material) -> Result<void> {
    auto rest = body;
    KHOCHUNG_CHECK(take_content(rest, material.kit->draft));
    KHOCHUNG_CHECK(
        api::change_by_patch(material, rest, {viewer, *readable.tree, &services.vocabularies}));
    material.kind = kit_kind;
    return {};
  };
  const auto& id = readable.entry->material.id;
  const auto changed = KHOCHUNG_TRY(services.materials.revise(
      id, expected, api::change_of(request, viewer, pipeline::reason_of("edited")), edit));
  services.index_bell.ring();
  api::tell_followers(services, changed);
  return kit_answer(services, viewer, id, 200);
}

Result<Response> publish(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request)).viewer;
  const auto readable = KHOCHUNG_TRY(kit_for_change(services, request, viewer));
  const auto expected = KHOCHUNG_TRY(api::required_revision(request));
  const auto body = boost::json::value(KHOCHUNG_TRY(body_of(request)));
  const auto note = JsonReader(body).string("note");
  const auto may_publish = [&](const Material& material) -> Result<void> {
    const auto standing = KHOCHUNG_TRY(access::Standing::of(material, *readable.tree));
    if (!access::may(viewer, access::Action::publish, standing, *readable.tree, now()))
      return fail(ErrorCode::forbidden, "may not publish " + material.id.text());
    auto draft = material;
    auto version = material;
    draft.state = State::draft;
    version.state = State::published;
    return access::check_release(draft, version, viewer, *readable.tree);
  };
  const auto& id = readable.entry->material.id;
  const auto why = note.empty() ? pipeline::reason_of("kit_published") : note;
  const auto published = KHOCHUNG_TRY(
      services.kits.publish(id, expected, api::change_of(request, viewer, why), note, may_publish));
  services.index_bell.ring();
  api::tell_followers(services, published);
  return kit_answer(services, viewer, id, 201);
}

Result<int> version_of(const Request& request, const Kit& kit) {
  const auto asked = request.query_value("version");
  if (!asked.empty()) return api::whole_number(asked);
  if (kit.versions.empty()) return fail(ErrorCode::not_found, "nothing was published yet");
  return kit.versions.back().number;
}

Result<Response> zip(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify(request)).viewer;
  auto readable = KHOCHUNG_TRY(kit_for_change(services, request, viewer));
  const auto& newest = readable.entry->material;
  const auto number = KHOCHUNG_TRY(version_of(request, *newest.kit));
  const auto material = KHOCHUNG_TRY(services.kits.with_version(newest, number));
  KHOCHUNG_CHECK(services.kits.check_deliverable(material));
  KHOCHUNG_CHECK(
      api::note_reading(services, request, viewer, readable, "kit v" + std::to_string(number)));
  auto file = KHOCHUNG_TRY(kit_zip_file(material, services.checked_blobs));
  const bool is_public = access::may(access::Viewer::anonymous(), access::Action::read,
                                     readable.standing, *readable.tree, now());
  if (is_public) file.cache_control = "public, max-age=300";
  return http::file_answer(request, std::move(file));
}

}  // namespace

void add_kit_routes(http::Router& router, const api::Services& services) {
  using enum http::Method;
  using enum http::BodyKind;
  const api::RouteAdder add(router, services);
  const std::string kits = "/api/v1/kits";
  add(post, kits, small, create);
  add(get, kits + "/{id}", none, show);
  add(http::Method::patch, kits + "/{id}", small, delivery::patch);
  add(post, kits + "/{id}/versions", small, publish);
  add(get, "/kits/{id}.zip", none, zip, http::Load::bulk);
}

}  // namespace khochung::delivery
