#include "server/pages/unit_site.hpp"

#include <boost/json.hpp>
#include <limits>
#include <optional>
#include <ranges>
#include <sstream>

#include "indexer/text/vietnamese.hpp"
#include "server/api/administration.hpp"
#include "server/api/material_json.hpp"
#include "server/api/request_values.hpp"
#include "server/api/search_answer.hpp"
#include "server/api/unit_decision.hpp"
#include "server/http/encoding.hpp"
#include "server/http/form.hpp"
#include "server/pages/texts.hpp"
#include "server/pages/unit_pages.hpp"

namespace khochung::pages {
namespace {

using boost::json::array;
using boost::json::value;
using http::Method;
using http::Response;

/// Whoever administers what is above a unit decides on it; on the top one its own administrator.
bool may_decide_on(const Visit& visit, const Unit& unit, const UnitTree& tree) {
  const Unit* above = tree.parent_of(unit.number);
  return api::administers(visit.identity.viewer, {above != nullptr ? above->number : unit.number},
                          tree);
}

/// A small branch whole; of a large one the units directly beneath it, a page at a time.
array branch_json(const UnitTree& tree, const Unit& unit, UnitsView& view, Language language) {
  constexpr std::size_t shown_whole = 300;
  constexpr std::size_t shown_at_once = 100;
  array units;
  const auto branch = tree.branch(unit.number);
  view.limit = shown_whole;
  if (branch.size() <= shown_whole) {
    for (const auto number : branch)
      units.push_back(api::unit_json(*tree.find(number), tree, language));
    return units;
  }
  const auto children = tree.children_of(unit.number);
  view.limit = shown_at_once;
  view.total = children.size();
  for (const Unit* child :
       children | std::views::drop(view.offset) | std::views::take(view.limit)) {
    auto json = api::unit_json(*child, tree, language);
    json["beneath"] = tree.branch(child->number).size() - 1;
    units.push_back(std::move(json));
  }
  return units;
}

Result<Response> units(const Visit& visit) {
  constexpr std::size_t most_found = 50;
  const auto tree = visit.services.units.tree();
  const auto named = visit.request.query_value("unit");
  const Unit* unit = named.empty() ? tree->root() : tree->find(named);
  if (unit == nullptr && named.empty())
    return page(200, units_page(context_of(visit), array(), {}));
  if (unit == nullptr) return fail(ErrorCode::not_found, "unknown_unit", "no such unit");
  UnitsView view;
  view.name = visit.request.query_value("q");
  view.offset = static_cast<std::size_t>(KHOCHUNG_TRY(api::number_between(
      "offset", visit.request.query_value("offset"), 0, std::numeric_limits<int>::max(), 0)));
  array shown;
  if (view.name.empty()) {
    shown = branch_json(*tree, *unit, view, visit.language);
    for (const auto number : tree->chain_above(unit->number) | std::views::drop(1)) {
      view.above.insert(view.above.begin(),
                        api::unit_json(*tree->find(number), *tree, visit.language));
    }
    view.here = api::unit_json(*unit, *tree, visit.language);
    view.may_decide = may_decide_on(visit, *unit, *tree);
    view.done = visit.request.query_value("done");
  } else {
    for (const Unit* found : visit.services.unit_finder.find(tree, view.name, most_found)) {
      auto json = api::unit_json(*found, *tree, visit.language);
      json["beneath"] = tree->branch(found->number).size() - 1;
      shown.push_back(std::move(json));
    }
  }
  api::SearchParameters all;
  all.limit = 1;
  all.unit = unit->code;
  const value counted =
      KHOCHUNG_TRY(api::search_answer(visit.services, all, visit.identity.viewer, visit.language));
  return page(200, units_page(context_of(visit), shown, counted, view));
}

// -- decisions

/// A unit as people name it in a form: by code, or by its whole name, with or without marks.
/// Errors: bad_input, whose message is what was typed.
Result<UnitId> unit_as_typed(const Visit& visit, const std::shared_ptr<const UnitTree>& tree,
                             const std::string& typed) {
  constexpr std::size_t most_looked_at = 20;
  if (const Unit* unit = tree->find(typed)) return unit->id;
  const auto wanted = text::folded_form(typed);
  const Unit* found = nullptr;
  for (const Unit* unit : visit.services.unit_finder.find(tree, typed, most_looked_at)) {
    const bool is_it =
        text::folded_form(unit->name_vi) == wanted || text::folded_form(unit->name_en) == wanted;
    if (!is_it || tree->is_closed(*unit)) continue;
    if (found != nullptr) return fail(ErrorCode::bad_input, "unit_name_twice", typed);
    found = unit;
  }
  if (found == nullptr) return fail(ErrorCode::bad_input, "unknown_unit", typed);
  return found->id;
}

/// The lines of a field, without blanks around them.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    const auto begin = line.find_first_not_of(" \t\r");
    if (begin == std::string::npos) continue;
    lines.push_back(line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1));
  }
  return lines;
}

Result<UnitChange> decision_from(const Visit& visit, const UnitDecision& typed) {
  const auto tree = visit.services.units.tree();
  UnitChange decision;
  decision.action = KHOCHUNG_TRY(unit_action_from(typed.action));
  decision.day = typed.day;
  for (const auto& line : lines_of(typed.units))
    decision.units.push_back(KHOCHUNG_TRY(unit_as_typed(visit, tree, line)));
  for (const auto& line : lines_of(typed.into))
    decision.into.push_back(KHOCHUNG_TRY(unit_as_typed(visit, tree, line)));
  return decision;
}

/// The form, for those who administer anything at all.
Result<Response> decision_form(const Visit& visit) {
  const auto tree = visit.services.units.tree();
  const Unit* unit = tree->find(visit.request.query_value("unit"));
  if (unit == nullptr) return fail(ErrorCode::not_found, "unknown_unit", "no such unit");
  if (visit.identity.viewer.kind == access::AccountKind::anonymous)
    return Response::redirect("/sign-in?next=" +
                              http::percent_encode("/units/change?unit=" + unit->code));
  if (!may_decide_on(visit, *unit, *tree))
    return fail(ErrorCode::forbidden, "not an administrator of this unit");
  UnitDecision typed;
  typed.action = "merge";
  typed.units = unit->name_vi;
  typed.day = tree->day();
  return page(200, unit_decision_page(context_of(visit), typed, {}, {}));
}

/// The form again, with why it was not done and all that was typed.
Response typed_again(const Visit& visit, const UnitDecision& typed, const Error& error) {
  std::string why(sentence_for(error, visit.language));
  if (error.reason == "unknown_unit" || error.reason == "unit_name_twice")
    why = text(visit.language, "unit_change.unknown", {{"name", error.message}, {"why", why}});
  return page(face_of(error.code).http_status,
              unit_decision_page(context_of(visit), typed, {}, why));
}

/// Shows what would change; sent again as confirmed, does it.
Result<Response> decide(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(form_for_change(visit));
  const UnitDecision typed{form_value(form, "action"), form_value(form, "units"),
                           form_value(form, "into"), form_value(form, "day"),
                           form_value(form, "why")};
  const bool is_confirmed = form_value(form, "confirmed") == "1";
  const auto decision = decision_from(visit, typed);
  if (!decision) return typed_again(visit, typed, decision.error());
  const auto changed = api::decide(visit.services, visit.identity.viewer, *decision,
                                   {visit.identity.viewer.name, "web", typed.why},
                                   is_confirmed ? api::Mode::carry_out : api::Mode::preview);
  if (!changed) return typed_again(visit, typed, changed.error());
  const auto tree = visit.services.units.tree();
  if (is_confirmed) {
    const Unit* shown =
        tree->find(decision->into.empty() ? changed->front().id : decision->into.front());
    return Response::redirect("/units?done=changed&unit=" + http::percent_encode(shown->code));
  }
  DecisionPreview preview;
  for (const auto& unit : *changed)
    preview.units.push_back(api::unit_json(unit, *tree, visit.language));
  for (const auto& id : decision->into)
    preview.into.push_back(api::unit_json(*tree->find(id), *tree, visit.language));
  preview.beneath = static_cast<std::int64_t>(api::count_beneath(*changed, *tree));
  return page(200, unit_decision_page(context_of(visit), typed, preview, {}));
}

}  // namespace

void add_unit_pages(http::Router& router, const api::Services& services, const Site& site) {
  const auto add = [&](Method method, const char* pattern, PageHandler handler) {
    add_page(router, services, site, {method, pattern, handler});
  };
  add(Method::get, "/units", units);
  add(Method::get, "/units/change", decision_form);
  add(Method::post, "/units/change", decide);
}

}  // namespace khochung::pages
