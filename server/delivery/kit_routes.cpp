#include "server/delivery/kit_routes.hpp"

#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/api/audit_notes.hpp"
#include "server/api/revision.hpp"
#include "server/api/route_adder.hpp"
#include "server/delivery/kit_changes.hpp"
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

Result<Response> kit_answer(const Services& services, const access::Viewer& viewer,
                            const MaterialId& id, int status) {
  const auto readable = KHOCHUNG_TRY(api::find_readable(services, id.text(), viewer));
  const auto json = KHOCHUNG_TRY(kit_json(services, readable, viewer));
  auto response = Response::json(status, boost::json::serialize(json));
  response.fields.set("ETag", api::revision_tag(readable.entry->material.revision));
  return response;
}

Result<Response> create(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request)).viewer;
  auto body = KHOCHUNG_TRY(body_of(request));
  const auto made = KHOCHUNG_TRY(
      begin_kit(services, viewer, api::change_of(request, viewer, {}), std::move(body)));
  auto response = KHOCHUNG_TRY(kit_answer(services, viewer, made.id, 201));
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

/// What a request wants to do to a kit that it has seen.
Result<api::Deed> deed_of(const Request& request, const access::Viewer& viewer) {
  return api::Deed{viewer, KHOCHUNG_TRY(api::required_revision(request)),
                   api::change_of(request, viewer, {})};
}

Result<Response> patch(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request)).viewer;
  const auto readable = KHOCHUNG_TRY(kit_for_change(services, request, viewer));
  const auto deed = KHOCHUNG_TRY(deed_of(request, viewer));
  const auto body = KHOCHUNG_TRY(body_of(request));
  KHOCHUNG_TRY(change_kit(services, readable, deed, body));
  return kit_answer(services, viewer, readable.entry->material.id, 200);
}

Result<Response> publish(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request)).viewer;
  const auto readable = KHOCHUNG_TRY(kit_for_change(services, request, viewer));
  const auto deed = KHOCHUNG_TRY(deed_of(request, viewer));
  const auto body = boost::json::value(KHOCHUNG_TRY(body_of(request)));
  KHOCHUNG_TRY(publish_kit(services, readable, deed, JsonReader(body).string("note")));
  return kit_answer(services, viewer, readable.entry->material.id, 201);
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
