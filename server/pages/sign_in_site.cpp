#include "server/pages/sign_in_site.hpp"

#include <algorithm>

#include "server/api/audit_notes.hpp"
#include "server/api/invitations.hpp"
#include "server/api/material_json.hpp"
#include "server/api/provider_sign_in.hpp"
#include "server/http/form.hpp"
#include "server/http/problem.hpp"
#include "server/pages/context.hpp"
#include "server/pages/people_pages.hpp"

namespace khochung::pages {
namespace {

using api::Services;
using http::Method;
using http::Request;
using http::Response;

// -- signing in

/// The page to sign in, with the way to the provider where there is one.
Response sign_in_again(const Visit& visit, int status, SignIn sign_in) {
  if (const auto* provider = visit.services.identity_provider)
    sign_in.provider = provider->name(visit.language);
  sign_in.offers_recovery = visit.services.postman != nullptr;
  return page(status, sign_in_page(context_of(visit), sign_in));
}

Result<Response> sign_in_form(const Visit& visit) {
  SignIn empty{"", safe_next(visit.request.query_value("next")), ""};
  const auto done = visit.request.query_value("done");
  if (done == "recovered" || done == "erased") empty.done = "sign_in." + done;
  return sign_in_again(visit, 200, std::move(empty));
}

Response signed_in(const Request& request, const storage::Session& session,
                   const std::string& next) {
  auto response = Response::redirect(next);
  access::Doorkeeper::add_cookies(response, request, session);
  return response;
}

Result<Response> sign_in(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(http::form_values(visit.request));
  const auto field = [&](const std::string& name) { return form_value(form, name); };
  const auto next = safe_next(field("next"));
  const auto session = api::begin_session(visit.services, visit.request,
                                          {field("name"), field("password"), field("code")});
  if (!session) {
    const auto& error = session.error();
    const bool asks_code = error.reason == "too_many_attempts" || !field("code").empty();
    return sign_in_again(
        visit, http::status_of(error),
        {field("name"), next, std::string(sentence_for(error, visit.language)), asks_code});
  }
  if (!session->awaits_code) return signed_in(visit.request, *session, next);
  auto response = page(200, sign_in_code_page(context_of(visit), {next}));
  access::Doorkeeper::add_cookies(response, visit.request, *session);
  return response;
}

Result<Response> send_code(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(http::form_values(visit.request));
  const auto next = safe_next(form_value(form, "next"));
  const auto session = api::finish_session(visit.services, visit.request, form_value(form, "code"));
  if (session) return signed_in(visit.request, *session, next);
  const std::string sentence(sentence_for(session.error(), visit.language));
  const auto status = http::status_of(session.error());
  if (session.error().reason != "sign_in_again")
    return page(status, sign_in_code_page(context_of(visit), {next, sentence}));
  return sign_in_again(visit, status, {"", next, sentence});
}

// -- by a provider

/// The provider's addresses hold a code and what belongs to it: no cache keeps the answers, and no
/// other site is told of them.
Response kept_from_others(Response response) {
  response.fields.set("Cache-Control", "private, no-store");
  response.fields.set("Referrer-Policy", "no-referrer");
  return response;
}

Result<Response> go_to_provider(const Visit& visit) {
  const auto next = safe_next(visit.request.query_value("next"));
  const auto way = api::way_to_provider(visit.services, visit.request, visit.site,
                                        {access::ProviderErrand::sign_in, next, {}, {}});
  if (!way && way.error().reason.empty()) return fail(way.error());
  if (!way)
    return kept_from_others(
        sign_in_again(visit, http::status_of(way.error()),
                      {"", next, std::string(sentence_for(way.error(), visit.language))}));
  auto response = Response::redirect(way->location);
  response.fields.add("Set-Cookie",
                      access::IdentityProvider::cookie_field(visit.request, way->kept));
  return kept_from_others(std::move(response));
}

/// What went wrong: on the page of whoever wanted to link an account, else on the page to sign in.
Result<Response> not_let_in(const Visit& visit, const Error& error) {
  if (error.reason.empty()) return fail(error);
  const bool is_link =
      visit.identity.viewer.kind != access::AccountKind::anonymous &&
      access::IdentityProvider::errand_of(visit.request) == access::ProviderErrand::link;
  if (is_link) return Response::redirect("/account?trouble=" + std::string(error.reason));
  return sign_in_again(visit, http::status_of(error),
                       {"", "", std::string(sentence_for(error, visit.language))});
}

Result<Response> let_in(const Visit& visit, const api::Comeback& comeback) {
  const auto next = safe_next(comeback.next);
  if (!comeback.session) return Response::redirect(next);
  if (!comeback.session->awaits_code) return signed_in(visit.request, *comeback.session, next);
  const auto& name = visit.services.identity_provider->name(visit.language);
  auto response = page(200, sign_in_code_page(context_of(visit), {next, "", name}));
  access::Doorkeeper::add_cookies(response, visit.request, *comeback.session);
  return response;
}

Result<Response> come_from_provider(const Visit& visit) {
  const auto comeback = api::come_back(visit.services, visit.request, visit.site);
  auto response =
      KHOCHUNG_TRY(comeback ? let_in(visit, *comeback) : not_let_in(visit, comeback.error()));
  response.fields.add("Set-Cookie", access::IdentityProvider::cookie_field(visit.request, ""));
  return kept_from_others(std::move(response));
}

Result<Response> sign_out(const Visit& visit) {
  KHOCHUNG_CHECK(form_for_change(visit));
  auto response = Response::redirect("/");
  response.fields.add("Set-Cookie", visit.services.doorkeeper.sign_out(visit.request));
  return response;
}

// -- links that work once

/// What every handler beneath /invitation/ gets: the visitor's account, if there is one, plays no
/// part.
struct Opening {
  const Services& services;
  const Site& site;
  const Request& request;
  Language language;
};
using InvitationHandler = Result<Response> (*)(const Opening&);

Result<InvitationView> view_of(const Opening& opening) {
  const auto& token = opening.request.parameter("token");
  InvitationView view;
  view.invitation = KHOCHUNG_TRY(api::opened_invitation(opening.services, token));
  view.address = api::invitation_path(token);
  const auto tree = opening.services.units.tree();
  const auto& grant = view.invitation.grant;
  if (const Unit* unit = grant ? tree->find(grant->unit) : nullptr)
    view.unit = unit_name(api::unit_json(*unit, *tree, opening.language), opening.language);
  return view;
}

Response invitation_answer(const Opening& opening, int status, const InvitationView& view) {
  const auto context = context_of(opening.request, opening.site, {}, opening.language);
  return page(status, invitation_page(context, view));
}

Result<Response> show_invitation(const Opening& opening) {
  return invitation_answer(opening, 200, KHOCHUNG_TRY(view_of(opening)));
}

Result<std::optional<storage::Session>> accepted(const Opening& opening, const Form& form) {
  const auto name = form_value(form, "name");
  const auto password = form_value(form, "password");
  if (password != form_value(form, "again"))
    return fail(ErrorCode::bad_input, "passwords_differ", "two passwords");
  return api::accept_invitation(opening.services, opening.request,
                                {opening.request.parameter("token"), name, password});
}

Result<Response> accept_invitation(const Opening& opening) {
  const auto form = KHOCHUNG_TRY(http::form_values(opening.request));
  auto view = KHOCHUNG_TRY(view_of(opening));
  const auto session = accepted(opening, form);
  if (session && !*session) return Response::redirect("/sign-in?done=recovered");
  if (session) return signed_in(opening.request, **session, "/account");
  const auto& error = session.error();
  if (error.code != ErrorCode::bad_input && error.code != ErrorCode::conflict) return fail(error);
  view.name = form_value(form, "name");
  view.error = sentence_for(error, opening.language);
  return invitation_answer(opening, http::status_of(error), view);
}

}  // namespace

std::string safe_next(const std::string& next) {
  // Browsers take tabs and line ends out of an address, and a backslash for a slash.
  const auto is_strange = [](unsigned char c) { return c <= 0x20 || c == 0x7F || c == '\\'; };
  const bool is_ours =
      next.starts_with('/') && !next.starts_with("//") && std::ranges::none_of(next, is_strange);
  return is_ours ? next : "/";
}

void add_sign_in_pages(http::Router& router, const Services& services, const Site& site) {
  add_page(router, services, site, {Method::get, "/sign-in", sign_in_form});
  add_page(router, services, site, {Method::post, "/sign-in", sign_in});
  add_page(router, services, site, {Method::post, "/sign-in/code", send_code});
  add_page(router, services, site, {Method::post, "/sign-out", sign_out});
  add_page(router, services, site,
           {Method::get, "/sign-in/provider", go_to_provider, http::Load::change});
  add_page(router, services, site,
           {Method::get, std::string(api::provider_answer_path), come_from_provider,
            http::Load::change});
  const auto add = [&](Method method, InvitationHandler handler) {
    const auto answer = [&services, &site, handler](const Request& request) -> Result<Response> {
      return discreetly(request, site,
                        handler({services, site, request, api::language_of(request)}));
    };
    const auto body = method == Method::get ? http::BodyKind::none : http::BodyKind::small;
    router.add({method, "/invitation/{token}", body, answer, {}, 0, {}, http::Load::by_method});
  };
  add(Method::get, show_invitation);
  add(Method::post, accept_invitation);
}

}  // namespace khochung::pages
