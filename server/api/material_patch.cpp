#include "server/api/material_patch.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <vector>

#include "schemas/access/review.hpp"

namespace khochung::api {
namespace {

using boost::json::object;

/// Accounts by their names. Errors: bad_input.
Result<std::vector<std::string>> names_from(const boost::json::value& value) {
  std::vector<std::string> names;
  const auto* list = value.if_array();
  const bool is_list = list != nullptr && std::ranges::all_of(*list, [](const auto& name) {
                         return name.is_string() && !name.get_string().empty();
                       });
  if (!is_list) return fail(ErrorCode::bad_input, "press_recipients: a list of account names");
  for (const auto& name : *list) names.emplace_back(name.get_string());
  return names;
}

/// A field's value as text; null is none. Errors: bad_input.
Result<std::string> text_from(std::string_view name, const boost::json::value& value) {
  if (value.is_null()) return std::string();
  if (value.is_string()) return std::string(value.get_string());
  const auto* list = find_concept_field(name) == nullptr ? nullptr : value.if_array();
  const auto is_id = [](const auto& id) {
    return id.is_string() && id.get_string().find(';') == std::string::npos;
  };
  if (list == nullptr || !std::ranges::all_of(*list, is_id))
    return fail(ErrorCode::bad_input, std::string(name) + ": not text");
  std::vector<std::string> ids;
  for (const auto& id : *list) ids.emplace_back(id.get_string());
  return joined_concepts(ids);
}

/// Applies the members of a PATCH. Errors: bad_input; forbidden.
Result<void> apply_patch(Material& material, const object& patch, const UnitTree& tree) {
  for (const auto& [name, value] : patch) {
    if (name == "press_recipients") {
      material.press_recipients = KHOCHUNG_TRY(names_from(value));
      continue;
    }
    const auto text = KHOCHUNG_TRY(text_from(name, value));
    if (name == "notice" || name == "hold") {
      (name == "notice" ? material.notice : material.hold) = text;
      continue;
    }
    if (name == "unit") {
      const Unit* unit = tree.find(text);
      if (unit == nullptr)
        return fail(ErrorCode::bad_input, "unknown_unit", "no such unit: " + text);
      material.unit = unit->id;
      continue;
    }
    if (name == "sensitivity" && text == "quarantined")
      return fail(ErrorCode::bad_input, "set by the program alone");
    KHOCHUNG_CHECK(set_field(material, std::string_view(name), text));
  }
  return {};
}

/// What the viewer needs for a change from `before` to `after`.
access::Action action_for(const Material& before, const Material& after) {
  const bool needs_publisher =
      after.state != before.state || after.visibility != before.visibility ||
      after.unit != before.unit || after.embargo_until != before.embargo_until ||
      after.sensitivity != before.sensitivity || after.press_recipients != before.press_recipients;
  if (after.hold != before.hold) return access::Action::administer;
  return needs_publisher && (before.state >= State::approved || after.state >= State::approved)
             ? access::Action::publish
             : access::Action::edit;
}

}  // namespace

Result<void> change_by_patch(Material& material, const object& patch, const Patching& by) {
  const auto& [viewer, tree, vocabularies] = by;
  const auto before = material;
  if (before.state == State::deleted)
    return fail(ErrorCode::conflict, "deleted", "restore it first");
  KHOCHUNG_CHECK(apply_patch(material, patch, tree));
  if (vocabularies != nullptr) KHOCHUNG_CHECK(vocabularies->check(before, material));
  if (material.kit && material.kit->versions.empty() && material.state == State::published)
    return fail(ErrorCode::conflict, "kit_unpublished", "a kit is published as a version");
  const auto action = action_for(before, material);
  for (const auto& side : {before, material}) {
    const auto standing = KHOCHUNG_TRY(access::Standing::of(side, tree));
    if (!access::may(viewer, action, standing, tree, now()))
      return fail(ErrorCode::forbidden, "may not change " + material.id.text());
  }
  return access::check_release(before, material, viewer, tree);
}

}  // namespace khochung::api
