#include "server/pages/unit_pages.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <map>

#include "schemas/json_reader.hpp"
#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/linked_data.hpp"
#include "server/pages/links.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

using Children = std::map<std::string, std::vector<const boost::json::value*>, std::less<>>;

/// Units by the id of the one above; those whose parent is not in the list stand at the top.
Children children_of(const boost::json::array& units) {
  Children ids;
  for (const auto& unit : units) ids[JsonReader(unit).string("id")];
  Children children;
  for (const auto& unit : units) {
    const auto parent = JsonReader(unit).string("parent");
    children[ids.contains(parent) ? parent : std::string()].push_back(&unit);
  }
  return children;
}

std::string years_text(const JsonReader& unit, Language language) {
  const auto from = date_text(unit.string("valid_from"));
  const auto to = date_text(unit.string("valid_to"));
  if (to.empty()) return from.empty() ? "" : text(language, "units.years", {{"from", from}});
  const auto* key = from.empty() ? "units.years.ended" : "units.years.closed";
  return text(language, key, {{"from", from}, {"to", to}});
}

/// How many materials a facet counts by unit.
using Counts = std::map<std::string, std::int64_t, std::less<>>;

Counts counts_of(const boost::json::value& answer) {
  Counts counts;
  const auto* facets = JsonReader(answer).find("facets");
  if (facets == nullptr) return counts;
  for (const auto& entry : array_of(*facets, "unit")) {
    const JsonReader read(entry);
    counts[read.string("value")] = read.integer("count");
  }
  return counts;
}

std::string units_address(std::string_view unit, std::string_view name, std::size_t offset) {
  std::string address = "/units";
  const auto add = [&](std::string_view key, const std::string& value) {
    if (value.empty()) return;
    address += address.find('?') == std::string::npos ? '?' : '&';
    address += std::string(key) + '=' + encoded(value);
  };
  add("unit", std::string(unit));
  add("q", std::string(name));
  add("offset", offset > 0 ? std::to_string(offset) : "");
  return address;
}

std::string branch_html(const Children& children, std::string_view above, const Counts& counts,
                        Language language, int depth) {
  constexpr int deepest = 12;
  const auto found = children.find(above);
  if (found == children.end() || depth > deepest) return {};
  std::string html;
  for (const auto* value : found->second) {
    const JsonReader unit(*value);
    SearchParameters parameters;
    parameters.unit = unit_key(*value);
    const auto counted = counts.find(parameters.unit);
    const auto count = counted == counts.end() ? 0 : counted->second;
    html += render(
        "unit",
        {{"address", search_address(parameters)},
         {"name", unit_name(*value, language)},
         {"what", joined({level_text(unit.string("level"), language), years_text(unit, language)})},
         {"count", count > 0
                       ? text(language, "units.count", {{"count", number_text(count, language)}})
                       : ""},
         {"inside", unit.integer("beneath") > 0 ? units_address(parameters.unit, {}, 0) : ""},
         {"beneath", text(language, "units.beneath",
                          {{"count", number_text(unit.integer("beneath"), language)}})},
         {"below", branch_html(children, unit.string("id"), counts, language, depth + 1)}},
        language);
  }
  return html;
}

boost::json::array action_choices(const std::string& chosen, Language language) {
  boost::json::array views;
  for (const std::string action : {"merge", "move", "split", "close"}) {
    const auto key = "unit_change." + action;
    views.push_back({{"value", action},
                     {"label", text(language, key)},
                     {"more", text(language, key + ".more")},
                     {"is_chosen", action == chosen}});
  }
  return views;
}

boost::json::value preview_view(const std::optional<DecisionPreview>& preview, Language language) {
  if (!preview) return nullptr;
  boost::json::array units;
  for (const auto& unit : preview->units) {
    const JsonReader read(unit);
    const auto closing = date_text(read.string("valid_to"));
    units.push_back(
        {{"name", unit_name(unit, language)},
         {"what", closing.empty() ? "" : text(language, "units.years.ended", {{"to", closing}})}});
  }
  std::string names;
  for (const auto& unit : preview->into)
    names += (names.empty() ? "" : ", ") + unit_name(unit, language);
  const auto count = number_text(static_cast<std::int64_t>(preview->units.size()), language);
  return boost::json::object{
      {"sum", text(language, "unit_change.sum",
                   {{"count", count}, {"beneath", number_text(preview->beneath, language)}})},
      {"into_names",
       names.empty() ? names : text(language, "unit_change.into_names", {{"names", names}})},
      {"units", std::move(units)}};
}

}  // namespace

std::string units_page(const PageContext& context, const boost::json::value& units,
                       const boost::json::value& all, const UnitsView& shown) {
  const auto& list = array_of(units, "units");
  const auto language = context.language;
  const auto unit = shown.here.is_object() ? unit_key(shown.here) : std::string();
  boost::json::array above;
  for (const auto& one : shown.above)
    above.push_back(
        {{"address", units_address(unit_key(one), {}, 0)}, {"name", unit_name(one, language)}});
  const auto end = shown.offset + list.size();
  const boost::json::object view{
      {"is_changed", shown.done == "changed"},
      {"decision_address", shown.may_decide ? "/units/change?unit=" + encoded(unit) : ""},
      {"is_empty", list.empty()},
      {"nothing", text(language, shown.name.empty() ? "units.empty" : "units.find.nothing")},
      {"query", shown.name},
      {"has_above", !above.empty()},
      {"above", std::move(above)},
      {"here", shown.here.is_object() ? unit_name(shown.here, language) : ""},
      {"has_pages", shown.total > shown.limit},
      {"previous",
       shown.offset == 0
           ? ""
           : units_address(unit, shown.name, shown.offset - std::min(shown.offset, shown.limit))},
      {"next", end < shown.total ? units_address(unit, shown.name, end) : ""},
      {"range", text(language, "units.range",
                     {{"from", number_text(static_cast<std::int64_t>(shown.offset + 1), language)},
                      {"to", number_text(static_cast<std::int64_t>(end), language)},
                      {"total", number_text(static_cast<std::int64_t>(shown.total), language)}})},
      {"tree", branch_html(children_of(list), "", counts_of(all), language, 0)}};
  Frame frame;
  frame.tab_title = text(context.language, "units.title");
  frame.card_title = frame.tab_title;
  frame.card_text = text(context.language, "front.card");
  frame.card_path = "/units";
  frame.feeds = {newest_feed(context)};
  frame.linked_data = linked_data_of_site(context);
  return in_frame(context, frame, render("units", view, context.language));
}

std::string unit_decision_page(const PageContext& context, const UnitDecision& typed,
                               const std::optional<DecisionPreview>& preview,
                               const std::string& error) {
  const auto language = context.language;
  const boost::json::object view{{"csrf", context.csrf_token},
                                 {"error", error},
                                 {"actions", action_choices(typed.action, language)},
                                 {"action", typed.action},
                                 {"lines", typed.units},
                                 {"into", typed.into},
                                 {"day", typed.day},
                                 {"why", typed.why},
                                 {"preview", preview_view(preview, language)}};
  Frame frame;
  frame.tab_title = text(language, "unit_change.title");
  frame.is_hidden_from_robots = true;
  frame.second_style = "officer.css";
  return in_frame(context, frame, render("unit_change", view, language));
}

}  // namespace khochung::pages
