#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/api/audit_notes.hpp"
#include "server/api/calls.hpp"
#include "server/api/readable.hpp"
#include "server/api/request_values.hpp"
#include "server/api/review.hpp"
#include "server/api/route_adder.hpp"
#include "server/api/routes.hpp"

namespace khochung::api {
namespace {

using boost::json::array;
using boost::json::object;
using http::Request;
using http::Response;

constexpr int most_listed = 200;

Response json_answer(int status, const object& json) {
  auto response = Response::json(status, boost::json::serialize(json));
  response.fields.set("Cache-Control", "private, no-store");
  return response;
}

/// Open calls; those of a unit, listed or not, for who decides there.
Result<Response> list(const Services& services, const Request& request) {
  const auto tree = services.units.tree();
  const auto named = request.query_value("unit");
  std::vector<storage::Call> calls;
  if (named.empty()) {
    calls = KHOCHUNG_TRY(services.accounts.calls().listed(most_listed));
  } else {
    const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify(request)).viewer;
    const Unit* unit = tree->find(named);
    if (unit == nullptr) return fail(ErrorCode::not_found, "unknown_unit", "no such unit");
    if (!decides_at(viewer, *unit, *tree))
      return fail(ErrorCode::forbidden, "decides nothing at " + unit->code);
    calls = KHOCHUNG_TRY(services.accounts.calls().calls_of(unit->id));
  }
  array shown;
  for (const auto& call : calls)
    shown.push_back(call_json(call, *tree, language_of(request), !named.empty()));
  return json_answer(200, {{"calls", std::move(shown)}});
}

Result<Response> make(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request)).viewer;
  const auto body = KHOCHUNG_TRY(json_body(request));
  const JsonReader read(body);
  const auto tree = services.units.tree();
  const Unit* unit = tree->find(read.string("unit"));
  if (unit == nullptr)
    return fail(ErrorCode::bad_input, "unknown_unit", "no such unit: " + read.string("unit"));
  storage::CallTerms terms;
  terms.unit = unit->id;
  terms.title = read.string("title");
  terms.text = read.string("text");
  terms.maker = viewer.name;
  terms.is_listed = read.boolean("is_listed");
  if (read.find("limit") != nullptr) terms.limit = read.integer("limit");
  const auto ends_at = instant_from_rfc3339(read.string("ends_at"));
  if (!ends_at) return fail(ErrorCode::bad_input, "share_expiry", "ends_at: no instant");
  terms.ends_at = *ends_at;
  if (const auto* preset = read.find("preset"); preset != nullptr && preset->is_object()) {
    const JsonReader fields(*preset);
    for (const auto& [name, _] : preset->get_object()) terms.preset[name] = fields.string(name);
  }
  const auto call = KHOCHUNG_TRY(make_call(services, viewer, terms));
  KHOCHUNG_CHECK(
      note_action(services, request, viewer, "call.make", call.id.text(), {{"unit", unit->code}}));
  auto response = json_answer(201, call_json(call, *tree, language_of(request), true));
  response.fields.set("Location", "/api/v1/calls/" + call.id.text());
  return response;
}

Result<storage::CallId> call_of(const Request& request) {
  const auto id = storage::CallId::parse(request.parameter("call"));
  if (!id) return fail(ErrorCode::not_found, "call_over", "no such call");
  return *id;
}

Result<Response> show(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify(request)).viewer;
  const auto id = KHOCHUNG_TRY(call_of(request));
  const auto call = KHOCHUNG_TRY(services.accounts.calls().find(id));
  const auto tree = services.units.tree();
  const Unit* unit = tree->find(call.terms.unit);
  const bool decides = unit != nullptr && decides_at(viewer, *unit, *tree);
  return json_answer(200, call_json(call, *tree, language_of(request), decides));
}

Result<Response> close(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request)).viewer;
  const auto id = KHOCHUNG_TRY(call_of(request));
  KHOCHUNG_CHECK(close_call(services, viewer, id));
  KHOCHUNG_CHECK(note_action(services, request, viewer, "call.close", id.text(), object()));
  return Response{204, {}, {}};
}

}  // namespace

void add_call_routes(http::Router& router, const Services& services) {
  const RouteAdder add(router, services);
  const std::string calls = "/api/v1/calls";
  add(http::Method::get, calls, http::BodyKind::none, list);
  add(http::Method::post, calls, http::BodyKind::small, make);
  add(http::Method::get, calls + "/{call}", http::BodyKind::none, show);
  add(http::Method::delete_, calls + "/{call}", http::BodyKind::none, close);
  const auto contribute = [&services](const Request& request) {
    return ContributionSink::begin(services, request,
                                   [](const Request&, const storage::Call&, const Contributor&,
                                      const Result<std::size_t>& kept) -> Result<Response> {
                                     if (!kept) return fail(kept.error());
                                     return json_answer(201, {{"files", *kept}});
                                   });
  };
  router.add({http::Method::post,
              calls + "/{call}/contributions",
              http::BodyKind::stream,
              {},
              contribute,
              0});
}

}  // namespace khochung::api
