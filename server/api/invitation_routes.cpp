#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/api/invitations.hpp"
#include "server/api/request_values.hpp"
#include "server/api/routes.hpp"

namespace khochung::api {
namespace {

using boost::json::object;
using http::BodyKind;
using http::Method;
using http::Request;
using http::Response;

/// What every handler here gets.
struct Asked {
  const Services& services;
  const Site& site;
  const Request& request;
};

Response secret_json(int status, const object& json) {
  auto response = Response::json(status, boost::json::serialize(json));
  response.fields.set("Cache-Control", "no-store");
  return response;
}

Response made_answer(const Asked& asked, const storage::NewInvitation& made) {
  auto json = invitation_json(made.invitation, *asked.services.units.tree());
  json["url"] = origin_of(asked.request, asked.site) + invitation_path(made.token);
  return secret_json(201, json);
}

Result<access::Viewer> who_changes(const Asked& asked) {
  return KHOCHUNG_TRY(asked.services.doorkeeper.identify_for_change(asked.request)).viewer;
}

Result<Response> make(const Asked& asked) {
  const auto viewer = KHOCHUNG_TRY(who_changes(asked));
  const auto body = KHOCHUNG_TRY(json_body(asked.request));
  const JsonReader read(body);
  const InvitationWish wish{read.string("name"), read.string("unit"), read.string("role")};
  return made_answer(asked, KHOCHUNG_TRY(invite(asked.services, asked.request, viewer, wish)));
}

Result<Response> reset(const Asked& asked) {
  const auto viewer = KHOCHUNG_TRY(who_changes(asked));
  return made_answer(asked, KHOCHUNG_TRY(reset_account(asked.services, asked.request, viewer,
                                                       asked.request.parameter("name"))));
}

Result<Response> list(const Asked& asked) {
  const auto viewer = KHOCHUNG_TRY(asked.services.doorkeeper.identify(asked.request)).viewer;
  if (viewer.kind == access::AccountKind::anonymous)
    return fail(ErrorCode::unauthenticated, "nobody is signed in");
  boost::json::array invitations;
  for (const auto& one : KHOCHUNG_TRY(invitations_for(asked.services, viewer)))
    invitations.push_back(invitation_json(one, *asked.services.units.tree()));
  return secret_json(200, {{"invitations", std::move(invitations)}});
}

Result<Response> revoke(const Asked& asked) {
  const auto viewer = KHOCHUNG_TRY(who_changes(asked));
  KHOCHUNG_CHECK(
      revoke_invitation(asked.services, asked.request, viewer, asked.request.parameter("id")));
  return Response{204, {}, {}};
}

Result<Response> accept(const Asked& asked) {
  const auto body = KHOCHUNG_TRY(json_body(asked.request));
  const JsonReader read(body);
  const auto token = read.string("token");
  const auto name = read.string("name");
  const auto password = read.string("password");
  const auto session =
      KHOCHUNG_TRY(accept_invitation(asked.services, asked.request, {token, name, password}));
  if (!session) return Response{204, {}, {}};
  auto response =
      secret_json(200, {{"name", session->account.name}, {"csrf_token", session->csrf_token}});
  access::Doorkeeper::add_cookies(response, asked.request, *session);
  return response;
}

}  // namespace

void add_invitation_routes(http::Router& router, const Services& services, const Site& site) {
  const auto add = [&](Method method, const char* pattern, BodyKind body,
                       Result<Response> (*handler)(const Asked&)) {
    const auto answer = [&services, &site, handler](const Request& request) {
      return handler({services, site, request});
    };
    router.add({method, pattern, body, answer, {}, 0, {}, http::Load::by_method});
  };
  add(Method::post, "/api/v1/invitations", BodyKind::small, make);
  add(Method::get, "/api/v1/invitations", BodyKind::none, list);
  add(Method::delete_, "/api/v1/invitations/{id}", BodyKind::none, revoke);
  add(Method::post, "/api/v1/session/invitation", BodyKind::small, accept);
  add(Method::post, "/api/v1/users/{name}/reset", BodyKind::small, reset);
}

}  // namespace khochung::api
