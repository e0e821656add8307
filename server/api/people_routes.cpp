#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/api/administration.hpp"
#include "server/api/audit_notes.hpp"
#include "server/api/material_json.hpp"
#include "server/api/readable.hpp"
#include "server/api/request_values.hpp"
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
  const auto identity = KHOCHUNG_TRY(administrator_of(services, request, {unit->number}));
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
  if (!is_own) KHOCHUNG_CHECK(administrator_of(services, request, {tree->root()->number}));
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
  add(Method::post, "/api/v1/users", BodyKind::small, add_user);
  add(Method::post, "/api/v1/users/{name}/tokens", BodyKind::small, make_token);
}

}  // namespace khochung::api
