#include "server/api/bulk_edit.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "schemas/json_reader.hpp"
#include "server/api/followers.hpp"
#include "server/api/material_patch.hpp"
#include "server/api/preservation.hpp"
#include "server/api/request_values.hpp"
#include "server/http/problem.hpp"

namespace khochung::api {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
using pipeline::BulkEdits;

constexpr std::size_t longest_note = 2'000;
constexpr int newest_looked_at = 50;
constexpr std::size_t recent_shown = 20;
constexpr std::size_t shown_in_full = 50;

Result<BulkItem> item_from(const value& one) {
  BulkItem item;
  if (one.is_string()) {
    item.material = KHOCHUNG_TRY(MaterialId::parse(one.get_string()));
    return item;
  }
  const JsonReader read(one);
  item.material = KHOCHUNG_TRY(MaterialId::parse(read.string("id")));
  const auto revision = read.integer("revision");
  if (revision < 1 || revision > 1'000'000'000)
    return fail(ErrorCode::bad_input, "a revision is a number from 1");
  item.before = static_cast<int>(revision);
  return item;
}

Result<std::vector<BulkItem>> items_from(const array& list) {
  if (list.size() > most_bulk_items)
    return fail(ErrorCode::too_large, "bulk_too_many", "more than 1,000 materials");
  std::vector<BulkItem> items;
  std::set<MaterialId> ids;
  for (const auto& one : list) {
    items.push_back(KHOCHUNG_TRY(item_from(one)));
    if (!ids.insert(items.back().material).second)
      return fail(ErrorCode::bad_input, "stands twice: " + items.back().material.text());
  }
  return items;
}

Result<SearchParameters> search_from(const value& query) {
  if (!query.is_object()) return fail(ErrorCode::bad_input, "query is a JSON object");
  const JsonReader read(query);
  SearchParameters search;
  for (const auto& [name, value] : SearchParameters::filters()) search.*value = read.string(name);
  return search;
}

Result<void> demand_editor(const access::Viewer& viewer) {
  if (viewer.kind == access::AccountKind::anonymous)
    return fail(ErrorCode::unauthenticated, "nobody is signed in");
  if (!may_edit_somewhere(viewer)) return fail(ErrorCode::forbidden, "may edit nothing");
  return {};
}

/// What `viewer` sees and does. The tree is the one of now: a unit may move meanwhile.
/// New words must be known; those that are given back stood there before.
enum class Words { fresh, given_back };

BulkEdits::Hand hand_of(const Services& services, const access::Viewer& viewer,
                        Words words = Words::fresh) {
  BulkEdits::Hand hand;
  hand.sees = [&services, &viewer](const Material& material) -> Result<void> {
    const auto tree = services.units.tree();
    const auto standing = access::Standing::of(material, *tree);
    if (standing && access::may(viewer, access::Action::read, *standing, *tree, now())) return {};
    return fail(ErrorCode::not_found, "not for this viewer: " + material.id.text());
  };
  hand.changes = [&services, &viewer, words](Material& material,
                                             const object& changes) -> Result<void> {
    const auto tree = services.units.tree();
    const auto standing = KHOCHUNG_TRY(access::Standing::of(material, *tree));
    // As its address answers: who may not publish meets its notice alone.
    if (is_taken_out(standing.state) &&
        !access::may(viewer, access::Action::publish, standing, *tree, now()))
      return fail(ErrorCode::gone, "taken out: " + material.id.text());
    return change_by_patch(
        material, changes,
        {viewer, *tree, words == Words::fresh ? &services.vocabularies : nullptr});
  };
  hand.changed = [&services](const Material& material) {
    services.index_bell.ring();
    tell_followers(services, material);
  };
  return hand;
}

/// A bulk edit belongs to who made it.
bool is_theirs(const Services& services, const BulkEdit& edit, const access::Viewer& viewer) {
  return is_caretaker(services, viewer) || (!viewer.name.empty() && viewer.name == edit.by);
}

std::string_view outcome_sentence(const std::string& outcome, Language language) {
  if (outcome == "undone") return sentence("bulk_undone_item", language);
  const auto own = sentence("bulk_" + outcome, language);
  return own.empty() ? sentence(outcome, language) : own;
}

/// Which outcomes were counted how often.
using Outcomes = std::map<std::string, std::int64_t>;

bool is_refusal(const std::string& outcome) {
  return !outcome.empty() && outcome != "changed" && outcome != "unchanged" &&
         outcome != "undone" && outcome != "not_reached";
}

array refused_json(const Outcomes& outcomes, Language language) {
  array list;
  for (const auto& [outcome, count] : outcomes) {
    if (!is_refusal(outcome)) continue;
    list.push_back(object{
        {"reason", outcome}, {"count", count}, {"sentence", outcome_sentence(outcome, language)}});
  }
  return list;
}

object counts_json(const Outcomes& outcomes) {
  std::int64_t refused = 0;
  const auto count = [&](const char* outcome) {
    const auto found = outcomes.find(outcome);
    return found == outcomes.end() ? std::int64_t{0} : found->second;
  };
  for (const auto& [outcome, number] : outcomes) refused += is_refusal(outcome) ? number : 0;
  return {{"changed", count("changed")},
          {"unchanged", count("unchanged")},
          {"refused", refused},
          {"not_reached", count("not_reached") + count("")}};
}

/// What of the fields that `changes` names `material` says.
object fields_of(const Material& material, const object& changes, const UnitTree& tree) {
  const auto whole = to_json(material).as_object();
  object fields;
  for (const auto& [name, unused] : changes) {
    const auto* said = whole.if_contains(name);
    fields[name] = said == nullptr ? value("") : *said;
  }
  const Unit* unit = tree.find(material.unit);
  if (fields.contains("unit") && unit != nullptr) fields["unit"] = unit->code;
  return fields;
}

object item_json(const BulkItem& item, const std::string& title, Language language) {
  object json{{"id", item.material.text()},
              {"title", title},
              {"seen", item.before},
              {"outcome", item.outcome},
              {"sentence", outcome_sentence(item.outcome, language)}};
  json["made"] = item.made > 0 ? value(item.made) : value(nullptr);
  if (item.undo_outcome.empty()) return json;
  json["undo_outcome"] = item.undo_outcome;
  json["undo_sentence"] = outcome_sentence(item.undo_outcome, language);
  json["undone"] = item.undone > 0 ? value(item.undone) : value(nullptr);
  return json;
}

array names_of(const object& changes) {
  array names;
  for (const auto& [name, unused] : changes) names.emplace_back(name);
  return names;
}

/// The edit without its materials.
object summary_json(const Services& services, const BulkEdit& edit, Language language) {
  Outcomes outcomes;
  Outcomes undo_outcomes;
  std::int64_t undoable = 0;
  for (const auto& item : edit.items) {
    ++outcomes[item.outcome];
    if (!item.undo_outcome.empty()) ++undo_outcomes[item.undo_outcome];
    if (item.made > 0 && item.undo_outcome.empty()) ++undoable;
  }
  const auto undone = undo_outcomes.find("undone");
  auto counts = counts_json(outcomes);
  counts["undone"] = undone == undo_outcomes.end() ? 0 : undone->second;
  return {{"id", edit.id.text()},
          {"state", to_text(edit.state)},
          {"is_running", services.bulk_edits.is_running(edit.id)},
          {"by", edit.by},
          {"at", to_rfc3339(edit.at)},
          {"note", edit.note},
          {"fields", names_of(edit.changes)},
          {"counts", std::move(counts)},
          {"can_be_undone", edit.state == BulkState::undone ? 0 : undoable},
          {"refused", refused_json(outcomes, language)},
          {"not_undone", refused_json(undo_outcomes, language)}};
}

}  // namespace

bool may_edit_somewhere(const access::Viewer& viewer) {
  return viewer.kind == access::AccountKind::local_administrator ||
         std::ranges::any_of(viewer.grants, [](const access::Grant& grant) {
           return grant.role >= access::Role::contributor;
         });
}

Result<BulkOrder> bulk_order_from(const Services& services, const value& body,
                                  const access::Viewer& viewer) {
  const JsonReader read(body);
  const auto* changes = read.find("changes");
  const auto* materials = read.find("materials");
  const auto* query = read.find("query");
  if ((materials == nullptr) == (query == nullptr))
    return fail(ErrorCode::bad_input, "either materials or a query");
  BulkOrder order;
  if (query != nullptr) {
    const auto search = KHOCHUNG_TRY(search_from(*query));
    order = KHOCHUNG_TRY(bulk_order_of(services, search, viewer));
  } else {
    if (!materials->is_array() || materials->get_array().empty())
      return fail(ErrorCode::bad_input, "materials are a list");
    order.items = KHOCHUNG_TRY(items_from(materials->get_array()));
    order.total = static_cast<std::int64_t>(order.items.size());
  }
  order.changes = KHOCHUNG_TRY(bulk_changes_from(changes == nullptr ? value() : *changes));
  order.note = read.string("note");
  if (order.note.size() > longest_note) return fail(ErrorCode::bad_input, "the note is too long");
  return order;
}

Result<BulkOrder> bulk_order_of(const Services& services, const SearchParameters& search,
                                const access::Viewer& viewer) {
  auto asked = search;
  asked.limit = static_cast<int>(most_bulk_items);
  asked.offset = 0;
  const auto found = KHOCHUNG_TRY(find_materials(services, asked, viewer, Facets::left_out));
  BulkOrder order;
  order.total = found.answer.total;
  for (const auto& one : found.materials) {
    BulkItem item;
    item.material = one.entry.material.id;
    item.before = one.entry.material.revision;
    order.items.push_back(std::move(item));
  }
  return order;
}

Result<std::vector<BulkEdits::Look>> preview_bulk(const Services& services, const BulkOrder& order,
                                                  const access::Viewer& viewer) {
  KHOCHUNG_CHECK(demand_editor(viewer));
  // What no vocabulary knows is wrong for all of them at once.
  Material tried;
  for (const auto& [name, text] : order.changes) {
    if (find_concept_field(name) != nullptr && text.is_string())
      KHOCHUNG_CHECK(set_field(tried, name, std::string_view(text.get_string())));
  }
  KHOCHUNG_CHECK(services.vocabularies.check(Material(), tried));
  return services.bulk_edits.preview(order.items, order.changes, hand_of(services, viewer));
}

Result<BulkEdits::Kept> apply_bulk(const Services& services, const BulkOrder& order,
                                   const access::Viewer& viewer, const pipeline::Change& change) {
  for (const auto& item : order.items) {
    if (item.before == 0)
      return fail(ErrorCode::precondition_required, "bulk_unseen",
                  "each material names the revision that was seen");
  }
  const auto looks = KHOCHUNG_TRY(preview_bulk(services, order, viewer));
  const auto changes_something = [](const auto& look) { return look.item.outcome == "changed"; };
  if (std::ranges::none_of(looks, changes_something))
    return fail(ErrorCode::conflict, "bulk_nothing", "nothing would change");
  BulkEdit edit;
  edit.note = order.note;
  edit.changes = order.changes;
  edit.items = order.items;
  return services.bulk_edits.apply(std::move(edit), change, hand_of(services, viewer));
}

Result<BulkEdits::Kept> find_bulk(const Services& services, std::string_view id,
                                  const access::Viewer& viewer) {
  const auto hidden = [] { return fail(ErrorCode::not_found, "no such edit for this viewer"); };
  const auto uuid = Uuid::parse(id);
  if (!uuid) return hidden();
  auto found = services.bulk_edits.find(*uuid);
  if (!found && found.error().code != ErrorCode::not_found) return fail(found.error());
  if (!found || !is_theirs(services, found->edit, viewer)) return hidden();
  return found;
}

Result<BulkEdits::Kept> undo_bulk(const Services& services, std::string_view id,
                                  const access::Viewer& viewer, const pipeline::Change& change) {
  const auto found = KHOCHUNG_TRY(find_bulk(services, id, viewer));
  KHOCHUNG_CHECK(demand_editor(viewer));
  return services.bulk_edits.undo(found.edit.id, change,
                                  hand_of(services, viewer, Words::given_back));
}

Result<array> recent_bulks(const Services& services, const access::Viewer& viewer) {
  array list;
  for (const auto& id : KHOCHUNG_TRY(services.bulk_edits.ids_before({}, newest_looked_at))) {
    const auto found = find_bulk(services, id.text(), viewer);
    if (!found && found.error().code == ErrorCode::not_found) continue;
    const auto kept = KHOCHUNG_TRY(found);
    if (kept.edit.by != viewer.name) continue;
    list.push_back(summary_json(services, kept.edit, Language::vietnamese));
    if (list.size() == recent_shown) break;
  }
  return list;
}

Result<object> bulk_json(const Services& services, const BulkEdits::Kept& kept,
                         const access::Viewer& viewer, Language language) {
  auto json = summary_json(services, kept.edit, language);
  std::vector<MaterialId> ids;
  for (const auto& item : kept.edit.items) ids.push_back(item.material);
  const auto hand = hand_of(services, viewer);
  std::map<MaterialId, std::string> titles;
  for (const auto& entry : KHOCHUNG_TRY(services.catalogue.materials(ids))) {
    if (hand.sees(entry.material)) titles[entry.material.id] = entry.material.title;
  }
  array items;
  for (const auto& item : kept.edit.items) {
    const auto title = titles.find(item.material);
    items.push_back(item_json(item, title == titles.end() ? "" : title->second, language));
  }
  json["items"] = std::move(items);
  return json;
}

object preview_json(const Services& services, const BulkOrder& order,
                    const std::vector<BulkEdits::Look>& looks, Language language) {
  const auto tree = services.units.tree();
  Outcomes outcomes;
  array items;
  array materials;
  for (const auto& [item, was, would_be] : looks) {
    ++outcomes[item.outcome];
    // One that is not there has no revision to name; it stays in the list all the same.
    materials.push_back(
        object{{"id", item.material.text()}, {"revision", std::max(item.before, 1)}});
    if (items.size() == shown_in_full) continue;
    object json{{"id", item.material.text()},
                {"title", was ? was->title : ""},
                {"outcome", item.outcome},
                {"sentence", outcome_sentence(item.outcome, language)}};
    if (was && would_be) {
      json["before"] = fields_of(*was, order.changes, *tree);
      json["after"] = fields_of(*would_be, order.changes, *tree);
    }
    items.push_back(std::move(json));
  }
  return {{"preview", true},
          {"total", order.total},
          {"selected", looks.size()},
          {"counts", counts_json(outcomes)},
          {"refused", refused_json(outcomes, language)},
          {"items", std::move(items)},
          {"materials", std::move(materials)}};
}

}  // namespace khochung::api
