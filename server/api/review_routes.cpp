#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/api/material_json.hpp"
#include "server/api/request_values.hpp"
#include "server/api/review.hpp"
#include "server/api/revision.hpp"
#include "server/api/route_adder.hpp"
#include "server/api/routes.hpp"
#include "server/api/search_answer.hpp"

namespace khochung::api {
namespace {

using boost::json::array;
using boost::json::object;
using http::Request;
using http::Response;

constexpr int most_listed = 100;

object line_json(const Services& services, const storage::CatalogueEntry& entry,
                 const UnitTree& tree, const access::Viewer& viewer, Language language) {
  auto json = material_json(entry, tree, services.derivatives, viewer);
  json["review"] = review_json(entry.material, tree, viewer, language);
  return json;
}

/// What waits for the viewer's units, or for one that is named; or what the viewer has contributed.
Result<Response> list(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify(request)).viewer;
  if (viewer.kind == access::AccountKind::anonymous)
    return fail(ErrorCode::unauthenticated, "nobody is signed in");
  const auto tree = services.units.tree();
  const auto after = request.query_value("after");
  const auto limit =
      KHOCHUNG_TRY(number_between("limit", request.query_value("limit"), 1, most_listed, 50));
  const auto which = request.query_value("list");
  OnTheirWay found;
  if (which == "contributed") {
    found = KHOCHUNG_TRY(contributed_by(services, viewer, after, limit));
  } else if (which.empty() || which == "waiting") {
    const auto decided = units_decided_by(viewer, *tree);
    const auto named = request.query_value("unit");
    const Unit* unit =
        named.empty() ? (decided.empty() ? nullptr : decided.front()) : tree->find(named);
    if (unit == nullptr && !named.empty())
      return fail(ErrorCode::not_found, "unknown_unit", "no such unit: " + named);
    if (unit != nullptr) found = KHOCHUNG_TRY(waiting_at(services, viewer, *unit, after, limit));
  } else {
    return fail(ErrorCode::bad_input, "list: waiting or contributed");
  }
  array materials;
  for (const auto& entry : found.entries)
    materials.push_back(line_json(services, entry, *tree, viewer, language_of(request)));
  object answer{
      {"materials", std::move(materials)},
      {"next", found.next.empty() ? boost::json::value(nullptr) : boost::json::value(found.next)}};
  auto response = Response::json(200, boost::json::serialize(answer));
  response.fields.set("Cache-Control", "private, no-store");
  return response;
}

/// How far it is, for those who take part.
Result<Response> show(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify(request)).viewer;
  const auto readable = KHOCHUNG_TRY(find_readable(services, request.parameter("id"), viewer));
  const auto& material = readable.entry->material;
  const auto& tree = *readable.tree;
  const bool takes_part = access::may_take(access::Step::submit, viewer, material, tree, now()) ||
                          access::may_take(access::Step::comment, viewer, material, tree, now());
  if (!takes_part || material.state >= State::published)
    return fail(ErrorCode::not_found, "it is on no way that this viewer sees");
  auto response = Response::json(
      200, boost::json::serialize(review_json(material, tree, viewer, language_of(request))));
  response.fields.set("ETag", revision_tag(material.revision));
  response.fields.set("Cache-Control", "private, no-store");
  return response;
}

Result<Response> step(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request)).viewer;
  const auto readable = KHOCHUNG_TRY(find_readable(services, request.parameter("id"), viewer));
  const auto body = KHOCHUNG_TRY(json_body(request));
  const JsonReader read(body);
  access::StepAsked asked;
  asked.step = KHOCHUNG_TRY(access::step_from(read.string("step")));
  asked.text = read.string("text");
  asked.due = read.string("due");
  if (const auto to = read.string("to"); !to.empty()) {
    const Unit* unit = readable.tree->find(to);
    if (unit == nullptr) return fail(ErrorCode::bad_input, "unknown_unit", "no such unit: " + to);
    asked.to = unit->id;
  }
  int expected = 0;
  if (asked.step != access::Step::comment) expected = KHOCHUNG_TRY(required_revision(request));
  const auto* as = read.find("publish_as");
  const auto published_as = as != nullptr && as->is_object() ? as->get_object() : object();
  const Deed deed{viewer, expected, change_of(request, viewer, {})};
  const auto changed = KHOCHUNG_TRY(take_step(services, readable, deed, asked, published_as));
  return material_answer(changed, services, viewer);
}

}  // namespace

void add_review_routes(http::Router& router, const Services& services) {
  const RouteAdder add(router, services);
  add(http::Method::get, "/api/v1/review", http::BodyKind::none, list);
  add(http::Method::get, "/api/v1/materials/{id}/review", http::BodyKind::none, show);
  add(http::Method::post, "/api/v1/materials/{id}/review", http::BodyKind::small, step);
}

}  // namespace khochung::api
