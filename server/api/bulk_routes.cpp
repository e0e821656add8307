#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/api/bulk_edit.hpp"
#include "server/api/readable.hpp"
#include "server/api/request_values.hpp"
#include "server/api/revision.hpp"
#include "server/api/route_adder.hpp"
#include "server/api/routes.hpp"

namespace khochung::api {
namespace {

using http::Request;
using http::Response;

Response private_answer(int status, const boost::json::value& json) {
  auto response = Response::json(status, boost::json::serialize(json));
  response.fields.set("Cache-Control", "private, no-store");
  return response;
}

/// With `preview` what would happen; else it happens.
Result<Response> edit(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  const auto& viewer = identity.viewer;
  if (viewer.kind == access::AccountKind::anonymous)
    return fail(ErrorCode::unauthenticated, "nobody is signed in");
  if (!may_edit_somewhere(viewer)) return fail(ErrorCode::forbidden, "may edit nothing");
  const auto body = KHOCHUNG_TRY(json_body(request));
  const auto order = KHOCHUNG_TRY(bulk_order_from(services, body, viewer));
  const auto language = language_of(request);
  const JsonReader read(body);
  if (read.boolean("preview")) {
    const auto looks = KHOCHUNG_TRY(preview_bulk(services, order, viewer));
    return private_answer(200, preview_json(services, order, looks, language));
  }
  // What a search finds now nobody has seen yet.
  if (read.find("query") != nullptr)
    return fail(ErrorCode::precondition_required, "bulk_unseen", "a query is for a preview alone");
  const auto kept =
      KHOCHUNG_TRY(apply_bulk(services, order, viewer, change_of(request, viewer, {})));
  auto response = private_answer(201, KHOCHUNG_TRY(bulk_json(services, kept, viewer, language)));
  response.fields.set("Location", "/api/v1/bulk-edits/" + kept.edit.id.text());
  return response;
}

Result<Response> show(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify(request)).viewer;
  const auto kept = KHOCHUNG_TRY(find_bulk(services, request.parameter("id"), viewer));
  return private_answer(200, KHOCHUNG_TRY(bulk_json(services, kept, viewer, language_of(request))));
}

Result<Response> list(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify(request)).viewer;
  if (viewer.kind == access::AccountKind::anonymous)
    return fail(ErrorCode::unauthenticated, "nobody is signed in");
  return private_answer(
      200, boost::json::object{{"bulk_edits", KHOCHUNG_TRY(recent_bulks(services, viewer))}});
}

Result<Response> undo(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request)).viewer;
  const auto kept = KHOCHUNG_TRY(
      undo_bulk(services, request.parameter("id"), viewer, change_of(request, viewer, {})));
  return private_answer(200, KHOCHUNG_TRY(bulk_json(services, kept, viewer, language_of(request))));
}

}  // namespace

void add_bulk_routes(http::Router& router, const Services& services) {
  const RouteAdder add(router, services);
  using enum http::Method;
  using enum http::BodyKind;
  add(get, "/api/v1/bulk-edits", none, list);
  add(post, "/api/v1/bulk-edits", small, edit);
  add(get, "/api/v1/bulk-edits/{id}", none, show);
  add(post, "/api/v1/bulk-edits/{id}/undo", small, undo);
}

}  // namespace khochung::api
