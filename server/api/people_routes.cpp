#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/api/administration.hpp"
#include "server/api/audit_notes.hpp"
#include "server/api/material_json.hpp"
#include "server/api/preservation.hpp"
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

constexpr std::chrono::days usual_token_life{365};

Response secret_json(int status, const object& json) {
  auto response = Response::json(status, boost::json::serialize(json));
  response.fields.set("Cache-Control", "no-store");
  return response;
}

Response session_answer(const Request& request, const storage::Session& session) {
  auto response =
      secret_json(200, {{"name", session.account.name}, {"csrf_token", session.csrf_token}});
  access::Doorkeeper::add_cookies(response, request, session);
  return response;
}

Result<Response> sign_in(const Services& services, const Request& request) {
  const auto body = KHOCHUNG_TRY(json_body(request));
  const JsonReader read(body);
  const auto session = KHOCHUNG_TRY(api::begin_session(
      services, request, {read.string("name"), read.string("password"), read.string("code")}));
  if (session.awaits_code)
    return fail(ErrorCode::unauthenticated, "code_needed", "a code is asked for, too");
  return session_answer(request, session);
}

Result<Response> show_session(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify(request));
  return secret_json(200, {{"name", identity.viewer.name}, {"csrf_token", identity.csrf_token}});
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

// -- API tokens

/// The tokens of an account are its person's, and of those who administer the whole tree.
/// Errors: those of identify_for_change(); forbidden.
Result<access::Viewer> keeper_of_tokens(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  const bool is_own = identity.viewer.name == request.parameter("name") &&
                      identity.viewer.kind != access::AccountKind::local_administrator;
  // A token that could make others would outlive its own end.
  if (is_own) return KHOCHUNG_TRY(services.doorkeeper.identify_in_person(request)).viewer;
  const auto tree = services.units.tree();
  if (tree->root() == nullptr) return fail(ErrorCode::not_found, "there is no unit yet");
  return KHOCHUNG_TRY(administrator_of(services, request, {tree->root()->number})).viewer;
}

Result<storage::TokenTerms> terms_of(const Request& request) {
  storage::TokenTerms terms{"api", storage::TokenScope::write, now() + usual_token_life};
  if (request.body.empty()) return terms;
  const auto body = KHOCHUNG_TRY(json_body(request));
  const JsonReader read(body);
  if (read.find("label") != nullptr) terms.label = read.string("label");
  if (read.find("scope") != nullptr)
    terms.scope = KHOCHUNG_TRY(storage::token_scope_from(read.string("scope")));
  if (read.find("expires_at") == nullptr) return terms;
  const auto expires_at = instant_from_rfc3339(read.string("expires_at"));
  if (!expires_at) return fail(ErrorCode::bad_input, "token_expiry", "expires_at: no instant");
  terms.expires_at = *expires_at;
  return terms;
}

Result<Response> make_token(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(keeper_of_tokens(services, request));
  const auto terms = KHOCHUNG_TRY(terms_of(request));
  const auto& name = request.parameter("name");
  const auto token = KHOCHUNG_TRY(services.accounts.make_api_token(name, terms));
  KHOCHUNG_CHECK(
      note_action(services, request, viewer, "account.token", name,
                  {{"scope", to_text(terms.scope)}, {"expires_at", to_rfc3339(terms.expires_at)}}));
  return secret_json(201, {{"token", token},
                           {"label", terms.label},
                           {"scope", to_text(terms.scope)},
                           {"expires_at", to_rfc3339(terms.expires_at)}});
}

Result<Response> list_tokens(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify(request)).viewer;
  const auto& name = request.parameter("name");
  if (viewer.kind == access::AccountKind::anonymous)
    return fail(ErrorCode::unauthenticated, "nobody is signed in");
  if (viewer.name != name && !is_caretaker(services, viewer))
    return fail(ErrorCode::forbidden, "the tokens of somebody else");
  boost::json::array tokens;
  for (const auto& one : KHOCHUNG_TRY(services.accounts.api_tokens_of(name))) {
    tokens.push_back(object{{"id", one.id},
                            {"label", one.terms.label},
                            {"scope", to_text(one.terms.scope)},
                            {"made_at", to_rfc3339(one.made_at)},
                            {"expires_at", to_rfc3339(one.terms.expires_at)}});
  }
  return secret_json(200, {{"tokens", std::move(tokens)}});
}

Result<Response> revoke_token(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(keeper_of_tokens(services, request));
  const auto& name = request.parameter("name");
  KHOCHUNG_CHECK(services.accounts.revoke_api_token(name, request.parameter("token")));
  KHOCHUNG_CHECK(
      note_action(services, request, viewer, "account.token_end", name, boost::json::object()));
  return Response{204, {}, {}};
}

}  // namespace

void add_people_routes(http::Router& router, const Services& services) {
  const RouteAdder add(router, services);
  add(Method::post, "/api/v1/session", BodyKind::small, sign_in);
  add(Method::get, "/api/v1/session", BodyKind::none, show_session);
  add(Method::delete_, "/api/v1/session", BodyKind::none, sign_out);
  add(Method::post, "/api/v1/users", BodyKind::small, add_user);
  add(Method::post, "/api/v1/users/{name}/tokens", BodyKind::small, make_token);
  add(Method::get, "/api/v1/users/{name}/tokens", BodyKind::none, list_tokens);
  add(Method::delete_, "/api/v1/users/{name}/tokens/{token}", BodyKind::none, revoke_token);
}

}  // namespace khochung::api
