#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/api/audit_notes.hpp"
#include "server/api/material_json.hpp"
#include "server/api/readable.hpp"
#include "server/api/route_adder.hpp"
#include "server/api/routes.hpp"

namespace khochung::api {
namespace {

using boost::json::object;
using http::BodyKind;
using http::Method;
using http::Request;
using http::Response;

constexpr std::chrono::days api_token_lives{365};

Result<boost::json::value> json_body(const Request& request) {
  boost::json::error_code error;
  auto body = boost::json::parse(request.body, error);
  if (error || !body.is_object())
    return fail(ErrorCode::bad_input, "the body is not a JSON object");
  return body;
}

/// Identity of someone who administers the unit `number`.
Result<access::Identity> administrator_of(const Services& services, const Request& request,
                                          UnitNumber number) {
  auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  access::Standing standing;
  standing.owner = number;
  if (!access::may(identity.viewer, access::Action::administer, standing, *services.units.tree(),
                   now())) {
    return fail(ErrorCode::forbidden, "not an administrator of this unit");
  }
  return identity;
}

Result<Response> sign_in(const Services& services, const Request& request) {
  const auto body = KHOCHUNG_TRY(json_body(request));
  const JsonReader read(body);
  const auto session = KHOCHUNG_TRY(
      api::begin_session(services, request, read.string("name"), read.string("password")));
  auto response =
      Response::json(200, boost::json::serialize(object{{"name", session.account.name},
                                                        {"csrf_token", session.csrf_token}}));
  response.fields.add("Set-Cookie", access::Doorkeeper::cookie_of(session));
  response.fields.set("Cache-Control", "no-store");
  return response;
}

Result<Response> show_session(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify(request));
  auto response =
      Response::json(200, boost::json::serialize(object{{"name", identity.viewer.name},
                                                        {"csrf_token", identity.csrf_token}}));
  response.fields.set("Cache-Control", "no-store");
  return response;
}

Result<Response> sign_out(const Services& services, const Request& request) {
  KHOCHUNG_CHECK(services.doorkeeper.identify_for_change(request));
  Response response{204, {}, {}};
  response.fields.add("Set-Cookie", services.doorkeeper.sign_out(request));
  return response;
}

Result<Response> list_units(const Services& services, const Request& request) {
  boost::json::array units;
  for (const auto& unit : services.units.tree()->units())
    units.push_back(unit_json(unit, language_of(request)));
  return Response::json(200, boost::json::serialize(object{{"units", std::move(units)}}));
}

/// The units that follow a closed one, by their codes.
Result<std::vector<UnitId>> successors_of(const JsonReader& read, const UnitTree& tree) {
  std::vector<UnitId> successors;
  for (const auto& code : read.strings("successors")) {
    const Unit* successor = tree.find(code);
    if (successor == nullptr) {
      return fail(ErrorCode::bad_input, "unknown_unit", "no such successor: " + code);
    }
    successors.push_back(successor->id);
  }
  return successors;
}

Result<Response> put_unit(const Services& services, const Request& request) {
  const auto body = KHOCHUNG_TRY(json_body(request));
  const JsonReader read(body);
  const auto tree = services.units.tree();
  Unit unit;
  unit.code = read.string("code");
  unit.name_vi = read.string("name_vi");
  unit.name_en = read.string("name_en");
  unit.level = read.string("level");
  unit.valid_from = read.string("valid_from");
  unit.valid_to = read.string("valid_to");
  unit.successors = KHOCHUNG_TRY(successors_of(read, *tree));
  if (unit.code.empty() || unit.name_vi.empty())
    return fail(ErrorCode::bad_input, "a unit needs a code and a name");
  const Unit* known = tree->find(unit.code);
  const Unit* parent = tree->find(read.string("parent"));
  if (!read.string("parent").empty() && parent == nullptr) {
    return fail(ErrorCode::bad_input, "unknown_unit", "no such parent: " + read.string("parent"));
  }
  if (parent != nullptr) unit.parent = parent->id;
  const Unit* above = parent != nullptr ? parent : known;
  if (above == nullptr)
    return fail(ErrorCode::bad_input, "unknown_unit", "a new unit needs a parent");
  const auto identity = KHOCHUNG_TRY(administrator_of(services, request, above->number));
  const auto kept = KHOCHUNG_TRY(services.units.put(std::move(unit), identity.viewer.name));
  return Response::json(known == nullptr ? 201 : 200,
                        boost::json::serialize(unit_json(kept, language_of(request))));
}

Result<Response> add_user(const Services& services, const Request& request) {
  const auto body = KHOCHUNG_TRY(json_body(request));
  const JsonReader read(body);
  const auto tree = services.units.tree();
  storage::Account account;
  account.name = read.string("name");
  const auto kind = read.string("kind");
  if (kind == "press") account.kind = access::AccountKind::press;
  const Unit* unit = read.string("unit").empty() ? tree->root() : tree->find(read.string("unit"));
  if (unit == nullptr)
    return fail(ErrorCode::bad_input, "unknown_unit", "no such unit: " + read.string("unit"));
  const auto identity = KHOCHUNG_TRY(administrator_of(services, request, unit->number));
  if (account.kind == access::AccountKind::union_person) {
    account.grants.push_back({KHOCHUNG_TRY(access::role_from(read.string("role"))), unit->id});
  }
  KHOCHUNG_CHECK(services.accounts.add(account, read.string("password")));
  KHOCHUNG_CHECK(note_action(services, request, identity.viewer, "account.add", account.name,
                             {{"unit", unit->code}, {"role", read.string("role")}}));
  return Response::json(
      201, boost::json::serialize(object{{"name", account.name}, {"unit", unit->code}}));
}

Result<Response> make_token(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  const auto& name = request.parameter("name");
  const bool is_own = identity.viewer.name == name &&
                      identity.viewer.kind != access::AccountKind::local_administrator;
  const auto tree = services.units.tree();
  if (!is_own && tree->root() == nullptr) return fail(ErrorCode::not_found, "there is no unit yet");
  if (!is_own) KHOCHUNG_CHECK(administrator_of(services, request, tree->root()->number));
  const auto expires_at = now() + api_token_lives;
  const auto token = KHOCHUNG_TRY(services.accounts.make_api_token(name, "api", expires_at));
  KHOCHUNG_CHECK(note_action(services, request, identity.viewer, "account.token", name,
                             {{"expires_at", to_rfc3339(expires_at)}}));
  auto response = Response::json(
      201,
      boost::json::serialize(object{{"token", token}, {"expires_at", to_rfc3339(expires_at)}}));
  response.fields.set("Cache-Control", "no-store");
  return response;
}

}  // namespace

void add_people_routes(http::Router& router, const Services& services) {
  const RouteAdder add(router, services);
  add(Method::post, "/api/v1/session", BodyKind::small, sign_in);
  add(Method::get, "/api/v1/session", BodyKind::none, show_session);
  add(Method::delete_, "/api/v1/session", BodyKind::none, sign_out);
  add(Method::get, "/api/v1/units", BodyKind::none, list_units);
  add(Method::post, "/api/v1/units", BodyKind::small, put_unit);
  add(Method::post, "/api/v1/users", BodyKind::small, add_user);
  add(Method::post, "/api/v1/users/{name}/tokens", BodyKind::small, make_token);
}

}  // namespace khochung::api
