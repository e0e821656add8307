#include "server/pages/review_site.hpp"

#include <boost/json.hpp>
#include <ranges>

#include "server/api/material_json.hpp"
#include "server/api/review.hpp"
#include "server/api/revision.hpp"
#include "server/http/encoding.hpp"
#include "server/pages/choices.hpp"
#include "server/pages/review_pages.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

using access::Step;
using api::Readable;
using boost::json::array;
using boost::json::object;
using boost::json::value;
using http::Method;
using http::Response;

constexpr int shown_at_once = 50;
constexpr int shown_of_each = 20;

value line_of(const Visit& visit, const storage::CatalogueEntry& entry, const UnitTree& tree) {
  auto json = line_json(visit, entry, tree);
  json["review"] = api::review_json(entry.material, tree, visit.identity.viewer, visit.language);
  return json;
}

array lines_of(const Visit& visit, const api::OnTheirWay& list, const UnitTree& tree) {
  array lines;
  for (const auto& entry : list.entries) lines.push_back(line_of(visit, entry, tree));
  return lines;
}

Result<Response> to_sign_in(const Visit& visit) {
  return Response::redirect("/sign-in?next=" + http::percent_encode(visit.request.path));
}

Result<Response> review(const Visit& visit) {
  const auto& viewer = visit.identity.viewer;
  if (viewer.kind == access::AccountKind::anonymous) return to_sign_in(visit);
  const auto tree = visit.services.units.tree();
  const auto named = visit.request.query_value("unit");
  const auto before = visit.request.query_value("before");
  ReviewView view;
  view.done = visit.request.query_value("done");
  auto decided = api::units_decided_by(viewer, *tree);
  view.decides = !decided.empty();
  if (!named.empty()) {
    const Unit* unit = tree->find(named);
    if (unit == nullptr) return fail(ErrorCode::not_found, "unknown_unit", "no such unit");
    decided = {unit};
  }
  const int limit = named.empty() ? shown_of_each : shown_at_once;
  if (before.empty()) {
    for (const Unit* unit : decided) {
      const auto list = KHOCHUNG_TRY(api::waiting_at(
          visit.services, viewer, *unit,
          named.empty() ? std::string() : visit.request.query_value("after"), limit));
      view.waiting.push_back(
          {api::unit_json(*unit, *tree, visit.language), lines_of(visit, list, *tree), list.next});
    }
  }
  if (named.empty()) {
    const auto own = KHOCHUNG_TRY(api::contributed_by(visit.services, viewer, before, limit));
    view.contributed = lines_of(visit, own, *tree);
    view.next_contributed = own.next;
  }
  return page(200, review_page(context_of(visit), view, now()));
}

// -- one material

/// The material, for those who take part in its way.
Result<Readable> readable_on_way(const Visit& visit) {
  auto readable = KHOCHUNG_TRY(
      api::find_readable(visit.services, visit.request.parameter("id"), visit.identity.viewer));
  const auto& material = readable.entry->material;
  const auto takes = [&](Step step) {
    return access::may_take(step, visit.identity.viewer, material, *readable.tree, now());
  };
  if (material.state < State::published && (takes(Step::submit) || takes(Step::comment)))
    return readable;
  if (visit.identity.viewer.kind == access::AccountKind::anonymous)
    return fail(ErrorCode::unauthenticated, "nobody is signed in");
  return fail(ErrorCode::not_found, "it is on no way that this viewer sees");
}

std::string way_html(const Visit& visit, const Readable& readable, StepTyped typed) {
  const auto& tree = *readable.tree;
  WayView view;
  view.material = line_of(visit, *readable.entry, tree);
  view.may_edit =
      access::may(visit.identity.viewer, access::Action::edit, readable.standing, tree, now());
  view.done = visit.request.query_value("done");
  view.typed = std::move(typed);
  const auto& material = readable.entry->material;
  const Unit* owner = tree.find(material.unit);
  if (owner != nullptr) {
    for (const auto number : tree.chain_above(owner->number))
      view.above.push_back(api::unit_json(*tree.find(number), tree, visit.language));
    view.owners.push_back(api::unit_json(*owner, tree, visit.language));
  }
  const Unit* to = material.review ? tree.find(material.review->to) : nullptr;
  if (to != nullptr && to != owner)
    view.owners.push_back(api::unit_json(*to, tree, visit.language));
  return way_page(context_of(visit), view, now());
}

Result<Response> way(const Visit& visit) {
  if (visit.identity.viewer.kind == access::AccountKind::anonymous) return to_sign_in(visit);
  const auto readable = readable_on_way(visit);
  if (!readable) {
    // What was published meanwhile is where its links lead.
    const auto out =
        api::find_readable(visit.services, visit.request.parameter("id"), visit.identity.viewer);
    if (out && out->entry->material.state == State::published)
      return Response::redirect("/m/" + visit.request.parameter("id"));
    return fail(readable.error());
  }
  return page(200, way_html(visit, *readable, {}));
}

/// What a publication says besides that it happens.
Result<object> published_as(const StepTyped& typed) {
  object as;
  if (!typed.visibility.empty()) as["visibility"] = typed.visibility;
  if (!typed.unit.empty()) as["unit"] = typed.unit;
  as["embargo_until"] = "";
  if (!typed.embargo.empty()) {
    const auto until = KHOCHUNG_TRY(instant_of_field(typed.embargo));
    as["embargo_until"] = to_rfc3339(until);
  }
  return as;
}

Result<Material> carry_out(const Visit& visit, const Readable& readable, const StepTyped& typed,
                           const std::string& revision) {
  access::StepAsked asked;
  asked.step = KHOCHUNG_TRY(access::step_from(typed.step));
  asked.text = typed.text;
  object as;
  if (asked.step == Step::submit) {
    asked.due = typed.due;
    const Unit* to = readable.tree->find(typed.to);
    if (!typed.to.empty() && to == nullptr)
      return fail(ErrorCode::bad_input, "unknown_unit", "no such unit");
    if (to != nullptr) asked.to = to->id;
  }
  if (asked.step == Step::publish) as = KHOCHUNG_TRY(published_as(typed));
  const auto& viewer = visit.identity.viewer;
  const api::Deed deed{viewer, KHOCHUNG_TRY(api::whole_number(revision)), {viewer.name, "web", {}}};
  return api::take_step(visit.services, readable, deed, asked, as);
}

Result<Response> take(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(form_for_change(visit));
  const auto readable = KHOCHUNG_TRY(readable_on_way(visit));
  StepTyped typed{form_value(form, "step"),       form_value(form, "text"),
                  form_value(form, "due"),        form_value(form, "to"),
                  form_value(form, "visibility"), form_value(form, "unit"),
                  form_value(form, "embargo"),    {}};
  const auto changed = carry_out(visit, readable, typed, form_value(form, "revision"));
  const auto& id = visit.request.parameter("id");
  if (changed) {
    if (changed->state == State::published)
      return Response::redirect((changed->kit ? "/kit/" : "/m/") + id);
    return Response::redirect("/m/" + id + "/review?done=" + http::percent_encode(typed.step));
  }
  const auto& error = changed.error();
  if (face_of(error.code).http_status >= 500) return fail(error);
  typed.error = sentence_for(error, visit.language);
  const auto now_readable = KHOCHUNG_TRY(readable_on_way(visit));
  return page(face_of(error.code).http_status, way_html(visit, now_readable, std::move(typed)));
}

}  // namespace

void add_review_pages(http::Router& router, const api::Services& services, const Site& site) {
  const auto add = [&](Method method, const char* pattern, PageHandler handler) {
    add_page(router, services, site, {method, pattern, handler});
  };
  add(Method::get, "/review", review);
  add(Method::get, "/m/{id}/review", way);
  add(Method::post, "/m/{id}/review", take);
}

}  // namespace khochung::pages
