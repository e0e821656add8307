#include "server/pages/bulk_site.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "indexer/text/vietnamese.hpp"
#include "schemas/utf8.hpp"
#include "server/api/bulk_edit.hpp"
#include "server/api/labels.hpp"
#include "server/api/material_json.hpp"
#include "server/api/readable.hpp"
#include "server/api/revision.hpp"
#include "server/http/encoding.hpp"
#include "server/pages/bulk_pages.hpp"
#include "server/pages/changes.hpp"
#include "server/pages/links.hpp"
#include "server/pages/visit.hpp"

namespace khochung::pages {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
using http::Method;
using http::Response;

constexpr std::size_t materials_listed = 100;
constexpr std::size_t rows_previewed = 20;

/// Which materials a form is about: those that it names, or what a search finds.
struct Chosen {
  SearchParameters search;
  std::vector<std::string> ids;  ///< in place of a search
  std::set<std::string> ticked;
  bool takes_all = true;
};

Chosen chosen_by_address(const http::Request& request) {
  Chosen chosen;
  for (const auto& [name, text_value] : request.query) {
    if (name == "id" && chosen.ids.size() < most_bulk_items) chosen.ids.push_back(text_value);
  }
  for (const auto& [name, value] : search_fields)
    chosen.search.*value = request.query_value(std::string(name));
  chosen.ticked = {chosen.ids.begin(), chosen.ids.end()};
  return chosen;
}

Chosen chosen_by_form(const Form& form) {
  Chosen chosen;
  for (const auto& [name, value] : search_fields)
    chosen.search.*value = form_value(form, std::string(name));
  const auto ticked = form_values(form, "id");
  chosen.ticked = {ticked.begin(), ticked.end()};
  if (form_value(form, "listed") == "1") chosen.ids = ticked;
  chosen.takes_all = form_value(form, "scope") != "ticked";
  return chosen;
}

/// The materials that are named; those that are not for these eyes, or no ids, are left out.
Result<std::vector<storage::CatalogueEntry>> named_materials(const Visit& visit,
                                                             const std::vector<std::string>& ids) {
  std::vector<storage::CatalogueEntry> entries;
  for (const auto& id : ids) {
    const auto found = api::find_readable(visit.services, id, visit.identity.viewer);
    if (found) entries.push_back(*found->entry);
  }
  return entries;
}

/// The items of the form's materials, and how many a search found.
Result<api::BulkOrder> order_of(const Visit& visit, const Chosen& chosen) {
  api::BulkOrder order;
  if (!chosen.ids.empty() || !chosen.takes_all) {
    for (const auto& id : chosen.ticked) {
      BulkItem item;
      item.material = KHOCHUNG_TRY(MaterialId::parse(id));
      order.items.push_back(std::move(item));
    }
    if (order.items.size() > most_bulk_items)
      return fail(ErrorCode::too_large, "bulk_too_many", "more than 1,000 materials");
    order.total = static_cast<std::int64_t>(order.items.size());
    return order;
  }
  return api::bulk_order_of(visit.services, asked_search(chosen.search), visit.identity.viewer);
}

Result<void> list_materials(const Visit& visit, const Chosen& chosen, BulkFormView& view) {
  std::vector<storage::CatalogueEntry> entries;
  if (!chosen.ids.empty()) {
    entries = KHOCHUNG_TRY(named_materials(visit, chosen.ids));
    view.total = static_cast<std::int64_t>(entries.size());
  } else {
    auto asked = asked_search(chosen.search);
    asked.limit = static_cast<int>(materials_listed);
    auto found = KHOCHUNG_TRY(
        api::find_materials(visit.services, asked, visit.identity.viewer, api::Facets::left_out));
    for (auto& one : found.materials) entries.push_back(std::move(one.entry));
    view.total = found.answer.total;
  }
  view.selected = std::min<std::int64_t>(view.total, most_bulk_items);
  for (const auto& entry : entries) {
    const auto id = entry.material.id.text();
    view.materials.push_back(object{
        {"id", id}, {"title", entry.material.title}, {"is_ticked", chosen.ticked.contains(id)}});
  }
  return {};
}

Result<Response> form_page(const Visit& visit, int status, const Chosen& chosen,
                           BulkFormView view) {
  view.search = chosen.search;
  view.is_search = chosen.ids.empty();
  view.takes_all = chosen.takes_all;
  KHOCHUNG_CHECK(list_materials(visit, chosen, view));
  if (view.is_search)
    view.recent = KHOCHUNG_TRY(api::recent_bulks(visit.services, visit.identity.viewer));
  const auto choices = KHOCHUNG_TRY(concept_choices(visit.services));
  return page(status, bulk_form_page(context_of(visit), view, choices));
}

Result<Response> form(const Visit& visit) {
  if (visit.identity.viewer.kind == access::AccountKind::anonymous)
    return Response::redirect("/sign-in?next=" +
                              http::percent_encode(context_of(visit).path_and_query));
  if (!api::may_edit_somewhere(visit.identity.viewer))
    return fail(ErrorCode::forbidden, "may edit nothing");
  return form_page(visit, 200, chosen_by_address(visit.request), {});
}

/// A unit as people name it: by code, or by its whole name, with or without marks.
std::string unit_code_of(const Visit& visit, const std::string& typed) {
  constexpr std::size_t most_looked_at = 20;
  const auto tree = visit.services.units.tree();
  if (tree->find(typed) != nullptr) return typed;
  const auto wanted = text::folded_form(typed);
  for (const Unit* unit : visit.services.unit_finder.find(tree, typed, most_looked_at)) {
    if (text::folded_form(unit->name_vi) == wanted && !tree->is_closed(*unit)) return unit->code;
  }
  return typed;
}

/// What was filled in: a field's value, "-" for one that is to be empty.
std::map<std::string, std::string> typed_values(const Form& form) {
  std::map<std::string, std::string> values;
  for (const auto name : bulk_form_fields()) {
    const std::string field(name);
    auto typed = form_value(form, "set_" + field);
    if (typed.empty() && !form_value(form, "clear_" + field).empty()) typed = "-";
    if (!typed.empty()) values[field] = std::move(typed);
  }
  return values;
}

object changes_from(const Visit& visit, const std::map<std::string, std::string>& values) {
  object changes;
  for (const auto& [name, typed] : values) {
    if (typed == "-") {
      changes[name] = nullptr;
    } else {
      changes[name] = name == "unit" ? unit_code_of(visit, typed) : typed;
    }
  }
  return changes;
}

/// A material as changes_between reads it.
value shown_json(const Visit& visit, const Material& material) {
  auto json = to_json(material).as_object();
  const auto tree = visit.services.units.tree();
  if (const Unit* unit = tree->find(material.unit))
    json["unit"] = api::unit_json(*unit, *tree, visit.language);
  api::add_labels(json, visit.services, visit.language);
  return json;
}

array preview_rows(const Visit& visit, const std::vector<pipeline::BulkEdits::Look>& looks) {
  array rows;
  for (const auto& look : looks) {
    if (!look.was || !look.would_be || rows.size() == rows_previewed) continue;
    rows.push_back(
        object{{"address", material_address(look.was->id.text(), "", 1)},
               {"title", look.was->title},
               {"has_changes", true},
               {"changes", changes_between(shown_json(visit, *look.was),
                                           shown_json(visit, *look.would_be), visit.language)}});
  }
  return rows;
}

std::string form_address(const Chosen& chosen) {
  std::string address = search_address(chosen.search);
  address.replace(0, std::string_view("/search").size(), "/bulk-edit");
  if (chosen.ids.empty()) return address;
  address = "/bulk-edit";
  constexpr std::size_t longest_address = 4'000;
  for (const auto& id : chosen.ids) {
    if (address.size() > longest_address) break;
    address +=
        (address.find('?') == std::string::npos ? "?id=" : "&id=") + http::percent_encode(id);
  }
  return address;
}

Result<Response> preview(const Visit& visit, const Form& form) {
  const auto chosen = chosen_by_form(form);
  BulkFormView typed;
  typed.values = typed_values(form);
  typed.note = form_value(form, "note");
  const auto changes = bulk_changes_from(changes_from(visit, typed.values));
  auto order = changes ? order_of(visit, chosen) : Result<api::BulkOrder>(fail(changes.error()));
  if (order && order->items.empty())
    order = fail(ErrorCode::bad_input, "bulk_none_chosen", "no materials");
  if (!order) {
    typed.error = sentence_for(order.error(), visit.language);
    return form_page(visit, face_of(order.error().code).http_status, chosen, std::move(typed));
  }
  order->changes = *changes;
  const auto looks = KHOCHUNG_TRY(api::preview_bulk(visit.services, *order, visit.identity.viewer));
  BulkPreviewView view;
  view.preview = api::preview_json(visit.services, *order, looks, visit.language);
  view.rows = preview_rows(visit, looks);
  view.changes = boost::json::serialize(*changes);
  view.note = typed.note;
  view.back = form_address(chosen);
  return page(200, bulk_preview_page(context_of(visit), view));
}

/// "id:3 id:5 …" as a JSON list for the one reader of orders. Errors: bad_input.
Result<array> seen_from(const std::string& text) {
  array list;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto end = std::min(text.find(' ', begin), text.size());
    const auto one = std::string_view(text).substr(begin, end - begin);
    const auto colon = one.find(':');
    if (colon == std::string_view::npos) return fail(ErrorCode::bad_input, "no seen revision");
    const auto revision = api::whole_number(one.substr(colon + 1));
    if (!revision) return fail(ErrorCode::bad_input, "no seen revision");
    list.push_back(object{{"id", one.substr(0, colon)}, {"revision", *revision}});
    begin = end + 1;
  }
  return list;
}

Result<Response> carry_out(const Visit& visit, const Form& form) {
  boost::json::error_code error;
  const auto& viewer = visit.identity.viewer;
  object body{{"materials", KHOCHUNG_TRY(seen_from(form_value(form, "materials")))},
              {"changes", boost::json::parse(form_value(form, "changes"), error)},
              {"note", form_value(form, "note")}};
  if (error) return fail(ErrorCode::bad_input, "the changes are no JSON");
  const auto order = KHOCHUNG_TRY(api::bulk_order_from(visit.services, body, viewer));
  const auto kept =
      KHOCHUNG_TRY(api::apply_bulk(visit.services, order, viewer, {viewer.name, "web", {}}));
  return Response::redirect("/bulk-edits/" + kept.edit.id.text());
}

/// Shows what would change; sent again as confirmed, does it.
Result<Response> submit(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(form_for_change(visit));
  if (!api::may_edit_somewhere(visit.identity.viewer))
    return fail(ErrorCode::forbidden, "may edit nothing");
  for (const auto& [name, typed] : form) {
    if (!is_utf8(typed)) return fail(ErrorCode::bad_input, "not UTF-8");
  }
  return form_value(form, "confirmed") == "1" ? carry_out(visit, form) : preview(visit, form);
}

Result<Response> show(const Visit& visit) {
  if (visit.identity.viewer.kind == access::AccountKind::anonymous)
    return Response::redirect("/sign-in?next=" + http::percent_encode(visit.request.path));
  const auto& viewer = visit.identity.viewer;
  const auto kept =
      KHOCHUNG_TRY(api::find_bulk(visit.services, visit.request.parameter("id"), viewer));
  const auto json = KHOCHUNG_TRY(api::bulk_json(visit.services, kept, viewer, visit.language));
  return page(200, bulk_edit_page(context_of(visit), json));
}

Result<Response> undo(const Visit& visit) {
  KHOCHUNG_CHECK(form_for_change(visit));
  const auto& viewer = visit.identity.viewer;
  const auto kept = KHOCHUNG_TRY(api::undo_bulk(visit.services, visit.request.parameter("id"),
                                                viewer, {viewer.name, "web", {}}));
  return Response::redirect("/bulk-edits/" + kept.edit.id.text());
}

}  // namespace

void add_bulk_pages(http::Router& router, const api::Services& services, const Site& site) {
  const auto add = [&](Method method, const char* pattern, PageHandler handler) {
    add_page(router, services, site, {method, pattern, handler});
  };
  add_page(router, services, site, {Method::get, "/bulk-edit", form, http::Load::search});
  add(Method::post, "/bulk-edit", submit);
  add(Method::get, "/bulk-edits/{id}", show);
  add(Method::post, "/bulk-edits/{id}/undo", undo);
}

}  // namespace khochung::pages
