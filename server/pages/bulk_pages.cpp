#include "server/pages/bulk_pages.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "schemas/material.hpp"
#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/links.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"
#include "server/pages/words.hpp"

namespace khochung::pages {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::size_t items_listed = 200;
constexpr std::string_view emptied = "-";

Frame officer_frame(std::string_view tab_title) {
  Frame frame;
  frame.tab_title = tab_title;
  frame.is_hidden_from_robots = true;
  frame.second_style = "officer.css";
  return frame;
}

std::string field_label(std::string_view name, Language language) {
  const auto* field = find_field(name);
  if (field == nullptr) return std::string(name);
  return std::string(language == Language::vietnamese ? field->label_vi : field->label_en);
}

std::string fields_text(const std::vector<std::string>& names, Language language) {
  std::string line;
  for (const auto& name : names) line += (line.empty() ? "" : ", ") + field_label(name, language);
  return line;
}

object option(std::string_view value, std::string label, const std::string& chosen) {
  return {{"value", value}, {"label", std::move(label)}, {"is_chosen", value == chosen}};
}

array visibility_options(const std::string& chosen, Language language) {
  array options;
  for (const std::string name : {"public", "press", "union", "branch", "unit", "private"})
    options.push_back(option(name, std::string(text(language, "bulk.visibility." + name)), chosen));
  return options;
}

object field_view(std::string_view name, const std::string& chosen, const ConceptChoices& choices,
                  Language language) {
  const auto how = "bulk.how." + std::string(name);
  object field{{"name", name},
               {"label", field_label(name, language)},
               {"how", has_text(how) ? text(language, how) : std::string_view()},
               {"value", chosen == emptied ? "" : chosen},
               {"is_emptied", chosen == emptied},
               {"can_be_empty", name != "unit" && name != "visibility"}};
  array options;
  if (const auto offered = choices.find(name); offered != choices.end())
    options =
        concept_options(*offered->second, concepts_in(chosen == emptied ? "" : chosen), language);
  if (name == "visibility") options = visibility_options(chosen, language);
  field["is_select"] = !options.empty();
  field["options"] = std::move(options);
  return field;
}

array recent_views(const array& recent, Language language) {
  array views;
  for (const auto& edit : recent) {
    const JsonReader read(edit);
    const auto* counts = read.find("counts");
    const auto changed = counts == nullptr ? 0 : JsonReader(*counts).integer("changed");
    views.push_back(
        {{"address", "/bulk-edits/" + encoded(read.string("id"))},
         {"at", instant_text(read.string("at"))},
         {"what", text(language, "bulk.changed", {{"count", number_text(changed, language)}})},
         {"state", text(language, "bulk.state." + read.string("state"))}});
  }
  return views;
}

std::string selection_text(const BulkFormView& view, Language language) {
  const auto selected = number_text(view.selected, language);
  if (view.total > view.selected)
    return text(language, "bulk.selection.part",
                {{"count", selected}, {"total", number_text(view.total, language)}});
  return text(language, "bulk.selection", {{"count", selected}});
}

/// How many of each outcome, a line each; nothing where there are none.
array refusal_views(const value& answer, std::string_view member, Language language) {
  array views;
  for (const auto& one : array_of(answer, member)) {
    const JsonReader read(one);
    views.push_back({{"count", text(language, "bulk.materials",
                                    {{"count", number_text(read.integer("count"), language)}})},
                     {"sentence", read.string("sentence")}});
  }
  return views;
}

std::int64_t count_of(const value& answer, std::string_view name) {
  const auto* counts = JsonReader(answer).find("counts");
  return counts == nullptr ? 0 : JsonReader(*counts).integer(name);
}

std::string counted(const char* key, std::int64_t count, Language language) {
  return count == 0 ? std::string()
                    : text(language, key, {{"count", number_text(count, language)}});
}

/// "id:3 id:5 …": which revision of each was seen.
std::string seen_materials(const value& preview) {
  std::string list;
  for (const auto& one : array_of(preview, "materials")) {
    const JsonReader read(one);
    list += (list.empty() ? "" : " ") + read.string("id") + ":" +
            std::to_string(read.integer("revision"));
  }
  return list;
}

object item_view(const value& item, Language language) {
  const JsonReader read(item);
  const auto title = read.string("title");
  const auto undo = read.string("undo_sentence");
  return {{"address", material_address(read.string("id"), "", 1)},
          {"title", title.empty() ? std::string(text(language, "bulk.untitled")) : title},
          {"is_linked", !title.empty()},
          {"what", undo.empty() ? read.string("sentence") : undo}};
}

}  // namespace

const std::vector<std::string_view>& bulk_form_fields() {
  static const std::vector<std::string_view> fields{"kind",   "theme",     "audience",   "channel",
                                                    "format", "language",  "issuer",     "credit",
                                                    "terms",  "retention", "visibility", "unit"};
  return fields;
}

std::string bulk_form_page(const PageContext& context, const BulkFormView& view,
                           const ConceptChoices& choices) {
  const auto language = context.language;
  array fields;
  for (const auto name : bulk_form_fields()) {
    const auto typed = view.values.find(std::string(name));
    fields.push_back(
        field_view(name, typed == view.values.end() ? "" : typed->second, choices, language));
  }
  array hidden;
  for (const auto& [name, member] : search_fields) {
    const auto& searched = view.search.*member;
    if (!searched.empty()) hidden.push_back({{"name", name}, {"value", searched}});
  }
  const bool is_one = !view.is_search && view.materials.size() == 1;
  const object page{
      {"csrf", context.csrf_token},
      {"title", text(language, is_one ? "bulk.title.one" : "bulk.title")},
      {"error", view.error},
      {"is_search", view.is_search},
      {"has_materials", !view.materials.empty()},
      {"hidden", std::move(hidden)},
      {"selection", selection_text(view, language)},
      {"materials", view.materials},
      {"takes_all", view.takes_all},
      {"is_part_listed", view.selected > static_cast<std::int64_t>(view.materials.size())},
      {"listed",
       text(language, "bulk.listed",
            {{"count", number_text(static_cast<std::int64_t>(view.materials.size()), language)}})},
      {"fields", std::move(fields)},
      {"note", view.note},
      {"has_recent", !view.recent.empty()},
      {"recent", recent_views(view.recent, language)},
      {"search_address", view.is_search ? search_address(view.search) : ""}};
  return in_frame(context, officer_frame(text(language, is_one ? "bulk.title.one" : "bulk.title")),
                  render("bulk_form", page, language));
}

std::string bulk_preview_page(const PageContext& context, const BulkPreviewView& view) {
  const auto language = context.language;
  const auto changed = count_of(view.preview, "changed");
  const object page{
      {"csrf", context.csrf_token},
      {"sum", changed == 0 ? std::string(text(language, "bulk.preview.none"))
                           : text(language, "bulk.preview.sum",
                                  {{"count", number_text(changed, language)}})},
      {"unchanged",
       counted("bulk.preview.unchanged", count_of(view.preview, "unchanged"), language)},
      {"refused", refusal_views(view.preview, "refused", language)},
      {"has_refused", count_of(view.preview, "refused") > 0},
      {"can_apply", changed > 0},
      {"button", text(language, "bulk.apply", {{"count", number_text(changed, language)}})},
      {"rows", view.rows},
      {"rest",
       changed > static_cast<std::int64_t>(view.rows.size())
           ? text(language, "bulk.preview.rest",
                  {{"count",
                    number_text(changed - static_cast<std::int64_t>(view.rows.size()), language)}})
           : std::string()},
      {"materials", seen_materials(view.preview)},
      {"changes", view.changes},
      {"note", view.note},
      {"back", view.back}};
  return in_frame(context, officer_frame(text(language, "bulk.preview")),
                  render("bulk_preview", page, language));
}

std::string bulk_edit_page(const PageContext& context, const value& edit) {
  const auto language = context.language;
  const JsonReader read(edit);
  array changed;
  array others;
  for (const auto& item : array_of(edit, "items")) {
    const bool is_changed = JsonReader(item).string("outcome") == "changed";
    auto& list = is_changed ? changed : others;
    if (list.size() < items_listed) list.push_back(item_view(item, language));
  }
  const auto undoable = read.integer("can_be_undone");
  const bool is_running = read.boolean("is_running");
  const auto address = "/bulk-edits/" + encoded(read.string("id"));
  const object page{
      {"csrf", context.csrf_token},
      {"state", text(language, is_running ? "bulk.running" : "bulk.state." + read.string("state"))},
      {"is_good", read.string("state") == "applied" && !is_running},
      {"changed", text(language, "bulk.changed",
                       {{"count", number_text(count_of(edit, "changed"), language)}})},
      {"undone", counted("bulk.undone", count_of(edit, "undone"), language)},
      {"unchanged", counted("bulk.unchanged", count_of(edit, "unchanged"), language)},
      {"not_reached", counted("bulk.not_reached", count_of(edit, "not_reached"), language)},
      {"refused", refusal_views(edit, "refused", language)},
      {"not_undone", refusal_views(edit, "not_undone", language)},
      {"fields", fields_text(read.strings("fields"), language)},
      {"at", instant_text(read.string("at"))},
      {"by", read.string("by")},
      {"note", read.string("note")},
      {"undo_address", undoable > 0 && !is_running ? address + "/undo" : ""},
      {"undo", text(language, "bulk.undo", {{"count", number_text(undoable, language)}})},
      {"has_changed", !changed.empty()},
      {"changed_items", std::move(changed)},
      {"has_others", !others.empty()},
      {"other_items", std::move(others)}};
  return in_frame(context, officer_frame(text(language, "bulk.done.title")),
                  render("bulk_edit", page, language));
}

}  // namespace khochung::pages
