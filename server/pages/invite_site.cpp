#include "server/pages/invite_site.hpp"

#include <algorithm>

#include "server/api/invitations.hpp"
#include "server/api/material_json.hpp"
#include "server/http/problem.hpp"
#include "server/pages/context.hpp"
#include "server/pages/people_pages.hpp"

namespace khochung::pages {
namespace {

using http::Method;
using http::Response;

constexpr std::size_t units_offered_at_most = 300;

std::string name_of(const Visit& visit, const Unit& unit, const UnitTree& tree) {
  return unit_name(api::unit_json(unit, tree, visit.language), visit.language);
}

/// The open units of the branches that the person administers.
std::vector<PeopleView::Unit> units_of(const Visit& visit, const UnitTree& tree) {
  std::vector<PeopleView::Unit> units;
  for (const auto& grant : visit.identity.viewer.grants) {
    if (grant.role != access::Role::administrator) continue;
    for (const auto number : tree.branch(grant.unit)) {
      if (units.size() == units_offered_at_most) return units;
      const Unit& unit = *tree.find(number);
      if (!tree.is_closed(unit)) units.push_back({unit.code, name_of(visit, unit, tree)});
    }
  }
  return units;
}

Result<PeopleView> view_of(const Visit& visit) {
  const auto tree = visit.services.units.tree();
  PeopleView view;
  view.units = units_of(visit, *tree);
  if (!view.units.empty()) view.unit = view.units.front().code;
  view.open = KHOCHUNG_TRY(api::invitations_for(visit.services, visit.identity.viewer));
  for (const auto& one : view.open) {
    const Unit* unit = one.grant ? tree->find(one.grant->unit) : nullptr;
    view.open_units.push_back(unit == nullptr ? std::string() : name_of(visit, *unit, *tree));
  }
  view.is_revoked = visit.request.query_value("done") == "revoked";
  return view;
}

Response answer(const Visit& visit, int status, const PeopleView& view) {
  auto response = page(status, people_page(context_of(visit), view));
  response.fields.set("Cache-Control", "private, no-store");
  return response;
}

Result<Response> show(const Visit& visit) {
  if (visit.identity.viewer.kind == access::AccountKind::anonymous)
    return Response::redirect("/sign-in?next=/people");
  if (!administers_some(visit.identity.viewer))
    return fail(ErrorCode::forbidden, "administers nothing");
  return answer(visit, 200, KHOCHUNG_TRY(view_of(visit)));
}

/// The page with the link that was made, or with what was typed and why there is none.
Result<Response> made_or_not(const Visit& visit, const Result<storage::NewInvitation>& made,
                             const api::InvitationWish& typed) {
  if (!administers_some(visit.identity.viewer))
    return fail(ErrorCode::forbidden, "administers nothing");
  auto view = KHOCHUNG_TRY(view_of(visit));
  if (made) {
    view.made_url = api::origin_of(visit.request, visit.site) + api::invitation_path(made->token);
    view.made_for = made->invitation.name;
    return answer(visit, 201, view);
  }
  const auto status = http::status_of(made.error());
  if (status >= 500) return fail(made.error());
  view.name = typed.name;
  if (!typed.unit.empty()) view.unit = typed.unit;
  if (!typed.role.empty()) view.role = typed.role;
  view.error = sentence_for(made.error(), visit.language);
  return answer(visit, status, view);
}

Result<Response> invite(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(form_for_change(visit));
  const api::InvitationWish wish{form_value(form, "name"), form_value(form, "unit"),
                                 form_value(form, "role")};
  return made_or_not(visit, api::invite(visit.services, visit.request, visit.identity.viewer, wish),
                     wish);
}

Result<Response> reset(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(form_for_change(visit));
  const auto name = form_value(form, "name");
  return made_or_not(
      visit, api::reset_account(visit.services, visit.request, visit.identity.viewer, name), {});
}

Result<Response> revoke(const Visit& visit) {
  KHOCHUNG_CHECK(form_for_change(visit));
  KHOCHUNG_CHECK(api::revoke_invitation(visit.services, visit.request, visit.identity.viewer,
                                        visit.request.parameter("id")));
  return Response::redirect("/people?done=revoked");
}

}  // namespace

bool administers_some(const access::Viewer& viewer) {
  return std::ranges::any_of(viewer.grants, [](const access::Grant& grant) {
    return grant.role == access::Role::administrator;
  });
}

void add_invite_pages(http::Router& router, const api::Services& services, const Site& site) {
  add_page(router, services, site, {Method::get, "/people", show});
  add_page(router, services, site, {Method::post, "/people", invite});
  add_page(router, services, site, {Method::post, "/people/reset", reset});
  add_page(router, services, site, {Method::post, "/people/{id}/revoke", revoke});
}

}  // namespace khochung::pages
