#include <boost/json.hpp>

#include "server/api/audit_notes.hpp"
#include "server/api/invitations.hpp"
#include "server/api/route_adder.hpp"
#include "server/api/routes.hpp"
#include "storage/accounts/address_store.hpp"
#include "storage/accounts/identity_store.hpp"

namespace khochung::api {
namespace {

using boost::json::array;
using boost::json::object;
using http::Request;
using http::Response;

constexpr int most_materials = 1'000;

array roles_json(const storage::Account& account, const UnitTree& tree) {
  array roles;
  for (const auto& grant : account.grants) {
    const Unit* unit = tree.find(grant.unit);
    roles.push_back(object{
        {"role", access::to_text(grant.role)},
        {"unit", unit == nullptr ? grant.unit.text() : unit->name_vi},
        {"until", grant.ends_at ? boost::json::value(to_rfc3339(*grant.ends_at)) : nullptr}});
  }
  return roles;
}

Result<array> sessions_json(const Services& services, const std::string& name) {
  array sessions;
  for (const auto& session : KHOCHUNG_TRY(services.accounts.sessions_of(name)))
    sessions.push_back(object{{"began_at", to_rfc3339(session.began_at)},
                              {"seen_at", to_rfc3339(session.seen_at)},
                              {"browser", session.browser},
                              {"network", session.network}});
  return sessions;
}

Result<array> tokens_json(const Services& services, const std::string& name) {
  array tokens;
  for (const auto& token : KHOCHUNG_TRY(services.accounts.api_tokens_of(name)))
    tokens.push_back(object{{"label", token.terms.label},
                            {"scope", to_text(token.terms.scope)},
                            {"made_at", to_rfc3339(token.made_at)},
                            {"expires_at", to_rfc3339(token.terms.expires_at)}});
  return tokens;
}

Result<array> identities_json(const Services& services, const std::string& name) {
  array identities;
  for (const auto& one : KHOCHUNG_TRY(services.accounts.identities().identities_of(name)))
    identities.push_back(object{{"provider", one.issuer},
                                {"name", one.label},
                                {"linked_at", to_rfc3339(one.linked_at)},
                                {"used_at", to_rfc3339(one.used_at)}});
  return identities;
}

Result<array> unpublished_json(const Services& services, const std::string& name) {
  array materials;
  for (const auto& entry :
       KHOCHUNG_TRY(services.catalogue.unpublished_of(name, std::nullopt, most_materials)))
    materials.push_back(object{{"id", entry.material.id.text()},
                               {"title", entry.material.title},
                               {"state", to_text(entry.material.state)},
                               {"created_at", to_rfc3339(entry.material.created_at)}});
  return materials;
}

/// All that the accounts keep of a person, for that person alone, and nothing that opens anything.
/// Source: Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15, điều 4 (the right to see and to be given one's
/// own data).
Result<Response> own_data(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify(request));
  if (identity.viewer.kind == access::AccountKind::anonymous)
    return fail(ErrorCode::unauthenticated, "nobody is signed in");
  const auto& name = request.parameter("name");
  if (identity.is_by_token || identity.csrf_token.empty() || identity.viewer.name != name)
    return fail(ErrorCode::forbidden, "only for its person, signed in");
  const auto account = KHOCHUNG_TRY(services.accounts.account(name));
  object data{{"name", account.name},
              {"kind", account.kind == access::AccountKind::press ? "press" : "union_person"},
              {"given_at", to_rfc3339(now())}};
  const auto address = KHOCHUNG_TRY(services.accounts.addresses().address_of(name));
  data["address"] = address ? boost::json::value(address->address.text()) : nullptr;
  data["roles"] = roles_json(account, *services.units.tree());
  data["sessions"] = KHOCHUNG_TRY(sessions_json(services, name));
  data["identities"] = KHOCHUNG_TRY(identities_json(services, name));
  data["tokens"] = KHOCHUNG_TRY(tokens_json(services, name));
  data["unpublished"] = KHOCHUNG_TRY(unpublished_json(services, name));
  KHOCHUNG_CHECK(note_action(services, request, identity.viewer, "account.data", name, object()));
  auto response = Response::json(200, boost::json::serialize(data));
  response.fields.set("Cache-Control", "no-store");
  response.fields.set("Content-Disposition", "attachment; filename=\"du-lieu-cua-toi.json\"");
  return response;
}

/// By those who administer the account; its person does it on /account.
Result<Response> erase(const Services& services, const Request& request) {
  const auto identity = request.is_local_administrator
                            ? services.doorkeeper.identify_for_change(request)
                            : services.doorkeeper.identify_in_person(request);
  if (!identity) return fail(identity.error());
  const auto& viewer = identity->viewer;
  if (!request.is_local_administrator && viewer.name == request.parameter("name"))
    return fail(ErrorCode::forbidden, "one's own account is erased on /account, with its password");
  KHOCHUNG_CHECK(erase_account(services, request, viewer, request.parameter("name")));
  return Response{204, {}, {}};
}

}  // namespace

void add_personal_data_routes(http::Router& router, const Services& services) {
  const RouteAdder add(router, services);
  add(http::Method::get, "/api/v1/users/{name}/data", http::BodyKind::none, own_data);
  add(http::Method::delete_, "/api/v1/users/{name}", http::BodyKind::none, erase);
}

}  // namespace khochung::api
