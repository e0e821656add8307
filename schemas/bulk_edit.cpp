#include "schemas/bulk_edit.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "schemas/json_reader.hpp"

namespace khochung {
namespace {

constexpr std::array<std::string_view, 4> state_names{"applying", "applied", "undoing", "undone"};
constexpr std::array<std::string_view, 17> bulk_fields{
    "description", "date",          "kind",     "language",  "issuer", "signer",
    "theme",       "credit",        "terms",    "retention", "unit",   "visibility",
    "sensitivity", "embargo_until", "audience", "channel",   "format"};
constexpr std::size_t longest_value = 2'000;

boost::json::object item_to_json(const BulkItem& item) {
  boost::json::object json{{"material", item.material.text()},
                           {"before", item.before},
                           {"made", item.made},
                           {"outcome", item.outcome}};
  if (item.undone > 0) json["undone"] = item.undone;
  if (!item.undo_outcome.empty()) json["undo_outcome"] = item.undo_outcome;
  return json;
}

Result<BulkItem> item_from_json(const boost::json::value& value) {
  const JsonReader read(value);
  BulkItem item;
  item.material = KHOCHUNG_TRY(MaterialId::parse(read.string("material")));
  item.before = static_cast<int>(read.integer("before"));
  item.made = static_cast<int>(read.integer("made"));
  item.outcome = read.string("outcome");
  item.undone = static_cast<int>(read.integer("undone"));
  item.undo_outcome = read.string("undo_outcome");
  return item;
}

}  // namespace

std::string_view to_text(BulkState state) {
  return state_names.at(static_cast<std::size_t>(state));
}

Result<BulkState> bulk_state_from(std::string_view text) {
  const auto found = std::ranges::find(state_names, text);
  if (found == state_names.end())
    return fail(ErrorCode::corrupt, "no state of a bulk edit: " + std::string(text));
  return static_cast<BulkState>(found - state_names.begin());
}

bool is_bulk_field(std::string_view name) {
  return std::ranges::find(bulk_fields, name) != bulk_fields.end();
}

Result<boost::json::object> bulk_changes_from(const boost::json::value& value) {
  if (!value.is_object()) return fail(ErrorCode::bad_input, "changes are a JSON object");
  const auto& changes = value.get_object();
  if (changes.empty()) return fail(ErrorCode::bad_input, "bulk_no_change", "no changes");
  for (const auto& [name, text] : changes) {
    if (!is_bulk_field(name))
      return fail(ErrorCode::bad_input, "bulk_field", "not for many: " + std::string(name));
    const bool is_text = text.is_string() && text.get_string().size() <= longest_value;
    if (!is_text && !text.is_null())
      return fail(ErrorCode::bad_input, std::string(name) + ": text of at most 2,000 bytes");
  }
  return changes;
}

boost::json::value to_json(const BulkEdit& edit) {
  boost::json::array items;
  for (const auto& item : edit.items) items.push_back(item_to_json(item));
  boost::json::array fields;
  for (const auto& [name, unused] : edit.changes) fields.emplace_back(name);
  return boost::json::object{
      {"id", edit.id.text()},     {"state", to_text(edit.state)}, {"by", edit.by},
      {"note", edit.note},        {"at", to_rfc3339(edit.at)},    {"fields", std::move(fields)},
      {"items", std::move(items)}};
}

Result<BulkEdit> bulk_edit_from_json(const boost::json::value& value) {
  const JsonReader read(value);
  BulkEdit edit;
  edit.id = KHOCHUNG_TRY(Uuid::parse(read.string("id")));
  edit.state = KHOCHUNG_TRY(bulk_state_from(read.string("state")));
  edit.by = read.string("by");
  edit.note = read.string("note");
  edit.at = KHOCHUNG_TRY(instant_from_rfc3339(read.string("at")));
  const auto* items = read.find("items");
  if (items == nullptr || !items->is_array())
    return fail(ErrorCode::corrupt, "a bulk edit has items");
  for (const auto& name : read.strings("fields")) edit.changes[name] = nullptr;
  for (const auto& item : items->get_array())
    edit.items.push_back(KHOCHUNG_TRY(item_from_json(item)));
  return edit;
}

}  // namespace khochung
