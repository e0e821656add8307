#include <algorithm>
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

// -- what an account is trusted with

object grant_json(const storage::AccountGrant& grant, const UnitTree& tree) {
  const Unit* unit = tree.find(grant.unit);
  return {{"role", access::to_text(grant.role)},
          {"unit", unit == nullptr ? grant.unit.text() : unit->code},
          {"until", grant.ends_at ? boost::json::value(to_rfc3339(*grant.ends_at)) : nullptr},
          {"is_from_provider", grant.is_from_provider}};
}

Response grants_answer(const storage::Account& account, const UnitTree& tree) {
  boost::json::array grants;
  for (const auto& grant : account.grants) grants.push_back(grant_json(grant, tree));
  return secret_json(200, {{"name", account.name}, {"grants", std::move(grants)}});
}

/// Whether the viewer's own account holds that very role there without an end, or as long as the
/// provider confirms it: what was delegated is not delegated further.
Result<bool> holds_for_good(const Services& services, const access::Viewer& viewer,
                            access::Role role, UnitNumber unit, const UnitTree& tree) {
  if (viewer.kind != access::AccountKind::union_person) return false;
  const auto own = KHOCHUNG_TRY(services.accounts.account(viewer.name));
  return std::ranges::any_of(own.grants, [&](const storage::AccountGrant& grant) {
    const Unit* at = tree.find(grant.unit);
    const bool is_for_good = !grant.ends_at || (grant.is_from_provider && now() < *grant.ends_at);
    return grant.role == role && is_for_good && at != nullptr && tree.is_within(unit, at->number);
  });
}

/// Those who administer the unit may see and give any role there.
bool administers_unit(const access::Viewer& viewer, const Unit& unit, const UnitTree& tree) {
  return administers(viewer, {unit.number}, tree);
}

Result<Response> list_grants(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify(request)).viewer;
  if (viewer.kind == access::AccountKind::anonymous)
    return fail(ErrorCode::unauthenticated, "nobody is signed in");
  const auto tree = services.units.tree();
  const auto& name = request.parameter("name");
  const bool is_own = viewer.kind == access::AccountKind::union_person && viewer.name == name;
  if (!is_own && !(tree->root() != nullptr && administers_unit(viewer, *tree->root(), *tree)))
    return fail(ErrorCode::forbidden, "the rights of somebody else");
  return grants_answer(KHOCHUNG_TRY(services.accounts.account(name)), *tree);
}

/// Whoever gives or ends a role does it in person, never by a token.
Result<access::Viewer> giver_of_roles(const Services& services, const Request& request) {
  auto identity = request.is_local_administrator ? services.doorkeeper.identify_for_change(request)
                                                 : services.doorkeeper.identify_in_person(request);
  return KHOCHUNG_TRY(std::move(identity)).viewer;
}

/// A further role for an account: by an administrator of the unit for good or until an instant; by
/// whoever holds that role there himself, as a delegation, until an instant within three months.
Result<Response> add_grant(const Services& services, const Request& request) {
  constexpr std::chrono::days longest_delegation{92};
  const auto viewer = KHOCHUNG_TRY(giver_of_roles(services, request));
  const auto body = KHOCHUNG_TRY(json_body(request));
  const JsonReader read(body);
  const auto tree = services.units.tree();
  const Unit* unit = tree->find(read.string("unit"));
  if (unit == nullptr)
    return fail(ErrorCode::bad_input, "unknown_unit", "no such unit: " + read.string("unit"));
  storage::AccountGrant grant{KHOCHUNG_TRY(access::role_from(read.string("role"))), unit->id};
  if (const auto until = read.string("until"); !until.empty()) {
    grant.ends_at = KHOCHUNG_TRY(instant_from_rfc3339(until));
    // Who administers until tomorrow could make himself an administrator for good.
    if (grant.role == access::Role::administrator)
      return fail(ErrorCode::bad_input, "grant_end", "an administrator has no end");
    if (*grant.ends_at <= now()) return fail(ErrorCode::bad_input, "grant_end", "until: is over");
  }
  const bool is_administrator = administers_unit(viewer, *unit, *tree);
  if (!is_administrator) {
    if (!KHOCHUNG_TRY(holds_for_good(services, viewer, grant.role, unit->number, *tree)))
      return fail(ErrorCode::forbidden, "does not hold this role itself");
    if (!grant.ends_at || *grant.ends_at > now() + longest_delegation)
      return fail(ErrorCode::bad_input, "grant_end", "a delegation ends within 92 days");
  }
  const auto& name = request.parameter("name");
  auto account = KHOCHUNG_TRY(services.accounts.account(name));
  if (account.kind != access::AccountKind::union_person)
    return fail(ErrorCode::bad_input, "a press account holds no role");
  // What a provider or somebody else gave until an instant would outlive it.
  if (viewer.kind == access::AccountKind::union_person && viewer.name == account.name)
    return fail(ErrorCode::forbidden, "grant_to_oneself", "a role for oneself");
  std::erase_if(account.grants, [&](const auto& one) {
    return one.role == grant.role && one.unit == grant.unit && one.ends_at;
  });
  const bool has_it = std::ranges::any_of(account.grants, [&](const auto& one) {
    return one.role == grant.role && one.unit == grant.unit && !one.is_from_provider;
  });
  if (has_it) return fail(ErrorCode::conflict, "grant_there", "the account has this role there");
  account.grants.push_back(grant);
  KHOCHUNG_CHECK(services.accounts.set_grants(name, account.grants, units_above(tree)));
  KHOCHUNG_CHECK(
      note_action(services, request, viewer, "account.grant", name, grant_json(grant, *tree)));
  // Whoever delegates is told of nothing else.
  if (!is_administrator) account.grants = {grant};
  return grants_answer(account, *tree);
}

/// By an administrator of the unit, or by whoever could have delegated it.
Result<Response> end_grant(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(giver_of_roles(services, request));
  const auto tree = services.units.tree();
  const Unit* unit = tree->find(request.parameter("unit"));
  if (unit == nullptr) return fail(ErrorCode::not_found, "unknown_unit", "no such unit");
  const auto role = access::role_from(request.parameter("role"));
  if (!role) return fail(ErrorCode::not_found, "no such role");
  const auto& name = request.parameter("name");
  const bool is_administrator = administers_unit(viewer, *unit, *tree);
  const bool may_delegate =
      KHOCHUNG_TRY(holds_for_good(services, viewer, *role, unit->number, *tree));
  if (!is_administrator && !may_delegate)
    return fail(ErrorCode::forbidden, "may not end this role");
  auto account = KHOCHUNG_TRY(services.accounts.account(name));
  const auto is_meant = [&](const auto& one) {
    return one.role == *role && one.unit == unit->id && (is_administrator || one.ends_at);
  };
  const auto ended = std::erase_if(
      account.grants, [&](const auto& one) { return is_meant(one) && !one.is_from_provider; });
  if (ended == 0 && std::ranges::any_of(account.grants, is_meant))
    return fail(ErrorCode::conflict, "grant_of_provider", "the provider gives it");
  if (ended == 0) return fail(ErrorCode::not_found, "the account has no such role there");
  KHOCHUNG_CHECK(services.accounts.set_grants(name, account.grants, units_above(tree)));
  KHOCHUNG_CHECK(note_action(services, request, viewer, "account.grant_end", name,
                             {{"role", access::to_text(*role)}, {"unit", unit->code}}));
  if (!is_administrator) account.grants.clear();
  return grants_answer(account, *tree);
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
  add(Method::get, "/api/v1/users/{name}/grants", BodyKind::none, list_grants);
  add(Method::post, "/api/v1/users/{name}/grants", BodyKind::small, add_grant);
  add(Method::delete_, "/api/v1/users/{name}/grants/{unit}/{role}", BodyKind::none, end_grant);
  add(Method::post, "/api/v1/users/{name}/tokens", BodyKind::small, make_token);
  add(Method::get, "/api/v1/users/{name}/tokens", BodyKind::none, list_tokens);
  add(Method::delete_, "/api/v1/users/{name}/tokens/{token}", BodyKind::none, revoke_token);
}

}  // namespace khochung::api
