#include "server/pages/edit_site.hpp"

#include <boost/json.hpp>
#include <set>

#include "schemas/json_reader.hpp"
#include "server/api/followers.hpp"
#include "server/api/material_patch.hpp"
#include "server/api/readable.hpp"
#include "server/api/revision.hpp"
#include "server/http/encoding.hpp"
#include "server/http/problem.hpp"
#include "server/pages/edit_pages.hpp"

namespace khochung::pages {
namespace {

using api::Readable;
using http::Method;
using http::Response;

/// Errors: not_found; gone; unauthenticated; forbidden.
Result<Readable> editable(const Visit& visit) {
  auto readable = KHOCHUNG_TRY(
      api::find_readable(visit.services, visit.request.parameter("id"), visit.identity.viewer));
  const auto& viewer = visit.identity.viewer;
  if (readable.entry->material.state < State::withdrawn &&
      access::may(viewer, access::Action::edit, readable.standing, *readable.tree, now()))
    return readable;
  return fail(viewer.kind == access::AccountKind::anonymous ? ErrorCode::unauthenticated
                                                            : ErrorCode::forbidden,
              "may not edit it");
}

EditView view_of(const Readable& readable) {
  const auto& material = readable.entry->material;
  EditView view{material.id.text(), material.title, material.revision, {}, {}};
  for (const auto name : edited_fields())
    view.fields[std::string(name)] = material.*(find_field(name)->text);
  return view;
}

Result<Response> form_page(const Visit& visit, int status, const EditView& view) {
  return page(status,
              edit_page(context_of(visit), view, KHOCHUNG_TRY(concept_choices(visit.services))));
}

Result<Response> form(const Visit& visit) {
  if (visit.identity.viewer.kind == access::AccountKind::anonymous)
    return Response::redirect("/sign-in?next=" + http::percent_encode(visit.request.path));
  const auto readable = KHOCHUNG_TRY(editable(visit));
  return form_page(visit, 200, view_of(readable));
}

Result<Material> change(const Visit& visit, const Readable& readable, const EditView& view,
                        const std::string& revision) {
  boost::json::object patch;
  const auto before = view_of(readable).fields;
  for (const auto& [name, value] : view.fields) {
    if (value != before.at(name)) patch[name] = value;
  }
  const auto expected = KHOCHUNG_TRY(api::whole_number(revision));
  // Sent without a change, it makes no revision.
  if (patch.empty()) return readable.entry->material;
  const auto& viewer = visit.identity.viewer;
  const auto edit = [&](Material& material) {
    return api::change_by_patch(material, patch,
                                {viewer, *readable.tree, &visit.services.vocabularies});
  };
  auto changed = KHOCHUNG_TRY(
      visit.services.materials.revise(readable.entry->material.id, expected,
                                      {viewer.name, "web", pipeline::reason_of("edited")}, edit));
  visit.services.index_bell.ring();
  api::tell_followers(visit.services, changed);
  return changed;
}

/// The boxes that were ticked; as it stood where they are the same in another order.
std::string ticked_concepts(const Form& sent, const std::string& name, const std::string& before) {
  const auto ticked = concepts_in(joined_concepts(form_values(sent, name)));
  const auto had = concepts_in(before);
  return std::set(ticked.begin(), ticked.end()) == std::set(had.begin(), had.end())
             ? before
             : joined_concepts(ticked);
}

Result<Response> save(const Visit& visit) {
  const auto sent = KHOCHUNG_TRY(form_for_change(visit));
  const auto readable = KHOCHUNG_TRY(editable(visit));
  auto view = view_of(readable);
  for (auto& [name, value] : view.fields) {
    if (!sent.contains(name)) continue;
    if (find_concept_field(name) != nullptr) {
      value = ticked_concepts(sent, name, value);
      continue;
    }
    // Browsers send line ends as CR and LF.
    value = form_value(sent, name);
    std::erase(value, '\r');
  }
  const auto changed = change(visit, readable, view, form_value(sent, "revision"));
  if (changed) return Response::redirect("/m/" + changed->id.text());
  const auto status = http::status_of(changed.error());
  if (status >= 500) return fail(changed.error());
  view.error = sentence_for(changed.error(), visit.language);
  return form_page(visit, status, view);
}

}  // namespace

void add_edit_page(http::Router& router, const api::Services& services, const Site& site) {
  add_page(router, services, site, {Method::get, "/m/{id}/edit", form});
  add_page(router, services, site, {Method::post, "/m/{id}/edit", save});
}

}  // namespace khochung::pages
