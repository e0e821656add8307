#include "server/pages/kit_builder_pages.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/pages/changes.hpp"
#include "server/pages/choices.hpp"
#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/links.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

Frame builder_frame(std::string_view title) {
  Frame frame;
  frame.tab_title = title;
  frame.is_hidden_from_robots = true;
  frame.second_style = "officer.css";
  return frame;
}

/// "/kits/new?ids=…": what is to go into a kit goes along.
std::string with_ids(std::string address, const std::string& ids) {
  return ids.empty() ? address : address + "?ids=" + encoded(ids);
}

/// Builds the view of one form.
struct Building {
  const PageContext& context;
  const KitBuilderView& view;
  Language language = context.language;

  [[nodiscard]] std::string said(std::string_view key) const {
    return std::string(text(language, key));
  }
  [[nodiscard]] std::string unit() const {
    for (const auto& one : view.units) {
      if (unit_key(one) == view.form.unit) return unit_name(one, language);
    }
    return view.units.empty() ? std::string() : unit_name(view.units.front(), language);
  }
};

std::string title_of(const JsonReader& shown, const Building& building) {
  const auto title = shown.string("title");
  return title.empty() ? building.said("kits.item.unknown") : title;
}

/// What stands in the way of an item, and where it is mended.
void add_hindrance(object& row, const JsonReader& shown, const KitItem& item,
                   const Building& building) {
  const auto hindrance = shown.string("hindrance");
  row["hindrance"] =
      hindrance.empty() ? std::string() : building.said("kits.hindrance." + hindrance);
  const auto id = encoded(item.material.text());
  row["mend_address"] = !shown.boolean("is_found") || hindrance.empty() ? std::string()
                        : hindrance == "unpublished"                    ? "/m/" + id + "/review"
                                                                        : "/m/" + id;
}

object item_view(std::size_t place, const Building& building) {
  const auto& item = building.view.form.content.items[place];
  const auto& json = building.view.items.at(place);
  const JsonReader shown(json);
  const auto count = building.view.form.content.items.size();
  const auto& move = building.view.move;
  const bool is_moved = move.what == KitMove::What::moved && move.place == place;
  object row{{"row", place},
             {"key", std::to_string(place) + " " + item.material.text() + " " + item.file.hex()},
             {"title", title_of(shown, building)},
             {"facts", shown.string("media_type").empty()
                           ? std::string()
                           : joined({format_text(shown.string("media_type"), building.language),
                                     size_text(shown.integer("size_bytes"), building.language)})},
             {"caption", item.caption},
             {"credit", item.credit},
             {"terms", item.terms},
             {"own_caption", shown.string("title")},
             {"own_credit", shown.string("credit")},
             {"own_terms", shown.string("terms")},
             {"is_first", place == 0},
             {"is_last", place + 1 == count},
             {"focus_up", is_moved && (move.is_up ? place > 0 : place + 1 == count) && place > 0},
             {"focus_down", is_moved && (move.is_up ? place == 0 : place + 1 < count)},
             {"focus_remove",
              move.what == KitMove::What::removed && std::min(move.place, count - 1) == place}};
  add_hindrance(row, shown, item, building);
  add_thumbnail(row, json, Loading::lazy);
  return row;
}

array item_views(const Building& building) {
  array rows;
  for (std::size_t i = 0; i < building.view.form.content.items.size(); ++i)
    rows.push_back(item_view(i, building));
  return rows;
}

array quote_views(const Building& building) {
  const auto& move = building.view.move;
  array rows;
  for (const auto& quote : building.view.form.content.quotes) {
    rows.push_back(
        {{"row", rows.size()},
         {"number", rows.size() + 1},
         {"text", quote.text},
         {"speaker", quote.speaker},
         {"has_focus", move.what == KitMove::What::quote_added && move.place == rows.size()}});
  }
  return rows;
}

array found_views(const Building& building) {
  array views;
  for (const auto& material : building.view.found) {
    const JsonReader read(material);
    object row{{"id", read.string("id")},
               {"title", read.string("title")},
               {"facts", facts_line(material, building.language)},
               {"is_in", read.boolean("is_in")}};
    add_thumbnail(row, material, Loading::lazy);
    views.push_back(std::move(row));
  }
  return views;
}

/// What a button did, in a sentence that is read out.
std::string placed_text(const Building& building) {
  const auto& move = building.view.move;
  const auto count = building.view.form.content.items.size();
  if (move.what == KitMove::What::moved && move.place < count)
    return text(building.language, "kits.moved",
                {{"title", title_of(JsonReader(building.view.items.at(move.place)), building)},
                 {"place", std::to_string(move.place + 1)},
                 {"count", std::to_string(count)}});
  if (move.what == KitMove::What::removed)
    return text(building.language, "kits.removed", {{"count", std::to_string(count)}});
  return {};
}

std::string awaits_text(const Building& building) {
  constexpr std::array<std::string_view, 4> keys{
      "", "review.awaits.spokesperson", "review.awaits.second_person", "kits.awaits.publisher"};
  const auto key = keys.at(static_cast<std::size_t>(building.view.awaits));
  return key.empty() ? std::string() : text(building.language, key, {{"unit", building.unit()}});
}

void add_publishing(object& shown, const Building& building) {
  const auto& view = building.view;
  const bool may_publish = view.awaits == KitAwaits::nobody;
  shown["can_publish"] = may_publish;
  shown["awaits"] = awaits_text(building);
  shown["can_submit"] = !may_publish && view.is_draft && view.versions == 0;
  shown["waits_for_correction"] = !may_publish && view.versions > 0;
  shown["has_versions"] = view.versions > 0;
  shown["publish_label"] =
      text(building.language, "kits.publish", {{"number", std::to_string(view.versions + 1)}});
  shown["note"] = view.form.note;
}

void add_meanwhile(object& shown, const Building& building) {
  const auto& view = building.view;
  auto changes =
      view.seen.is_object() ? changes_between(view.seen, view.newest, building.language) : array();
  shown["has_meanwhile"] = view.seen.is_object();
  shown["saved_by"] = view.saved_by;
  shown["has_changes"] = !changes.empty();
  shown["changes"] = std::move(changes);
}

}  // namespace

std::string kits_page(const PageContext& context, const KitListView& view) {
  array kits;
  for (const auto& kit : view.kits) {
    const JsonReader read(kit);
    object row{{"address", with_ids("/kit/" + encoded(read.string("id")) + "/edit", view.ids)},
               {"title", read.string("title")},
               {"facts", facts_line(kit, context.language)},
               {"state", state_text(read.string("state"), context.language)}};
    add_thumbnail(row, kit, Loading::lazy);
    kits.push_back(std::move(row));
  }
  const object shown{{"new_address", with_ids("/kits/new", view.ids)},
                     {"is_adding", !view.ids.empty()},
                     {"has_kits", !kits.empty()},
                     {"kits", std::move(kits)}};
  return in_frame(context, builder_frame(text(context.language, "kits.title")),
                  render("kits", shown, context.language));
}

std::string kit_builder_page(const PageContext& context, const KitBuilderView& view) {
  const Building building{context, view};
  const auto language = context.language;
  const auto address = view.id.empty() ? std::string() : "/kit/" + encoded(view.id);
  const auto items = view.form.content.items.size();
  object shown{
      {"csrf", context.csrf_token},
      {"address", address.empty() ? "/kits/new" : address + "/edit"},
      {"back_address", address.empty() ? "/kits" : address},
      {"back", address.empty() ? building.said("kits.title") : view.kept_title},
      {"heading", building.said(address.empty() ? "kits.new" : "kits.edit")},
      {"revision", view.form.revision},
      {"done", view.done},
      {"error", view.error},
      {"is_unsaved", view.is_unsaved},
      {"title", view.form.title},
      {"units", unit_choices(view.units, view.form.unit, language)},
      {"visibilities", visibility_choices(view.form.visibility, building.unit(), language)},
      {"embargo", view.form.embargo},
      {"kit_terms", view.form.terms},
      {"release", view.form.content.release},
      {"contact", view.form.content.contact},
      {"items_title", text(language, "kits.items",
                           {{"count", number_text(static_cast<std::int64_t>(items), language)}})},
      {"has_items", items > 0},
      {"items", item_views(building)},
      {"quotes", quote_views(building)},
      {"placed", placed_text(building)},
      {"focus_quotes", view.move.what == KitMove::What::quote_removed},
      {"find", view.form.find},
      {"has_searched", view.has_searched},
      {"has_found", !view.found.empty()},
      {"found", found_views(building)}};
  add_publishing(shown, building);
  add_meanwhile(shown, building);
  auto frame = builder_frame(text(language, address.empty() ? "kits.new" : "kits.edit"));
  frame.scripts = {"kit.js"};
  return in_frame(context, frame, render("kit_edit", shown, language));
}

}  // namespace khochung::pages
