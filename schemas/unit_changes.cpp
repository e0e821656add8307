#include "schemas/unit_changes.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "schemas/instant.hpp"

namespace khochung {
namespace {

using Action = UnitChange::Action;

constexpr std::array<std::pair<Action, std::string_view>, 4> action_names{
    {{Action::merge, "merge"},
     {Action::split, "split"},
     {Action::move, "move"},
     {Action::close, "close"}}};

Result<void> check_numbers(const UnitChange& change) {
  const auto from = change.units.size();
  const auto to = change.into.size();
  bool fits = from > 0;
  switch (change.action) {
    case Action::merge:
    case Action::move: fits = fits && to == 1; break;
    case Action::split: fits = from == 1 && to > 1; break;
    case Action::close: break;
  }
  if (!fits) return fail(ErrorCode::bad_input, "too few or too many units for this change");
  return {};
}

Result<const Unit*> open_unit(const UnitTree& tree, UnitId id, std::string_view day) {
  const Unit* unit = tree.find(id);
  if (unit == nullptr) return fail(ErrorCode::not_found, "unknown_unit", "no unit " + id.text());
  if (unit->is_closed_on(day))
    return fail(ErrorCode::conflict, "unit_closed", unit->code + " is closed by then");
  return unit;
}

Result<void> move(Unit& unit, const Unit& to, const std::string& day) {
  if (!unit.moves.empty() && unit.moves.back().from >= day)
    return fail(ErrorCode::conflict, "unit_moved", unit.code + " moved later than that day");
  unit.moves.push_back({day, to.id});
  return {};
}

}  // namespace

Result<Action> unit_action_from(std::string_view text) {
  const auto* row =
      std::ranges::find(action_names, text, &decltype(action_names)::value_type::second);
  if (row == action_names.end())
    return fail(ErrorCode::bad_input, "no such change of units: " + std::string(text));
  return row->first;
}

Result<std::vector<Unit>> changed_by(const UnitTree& tree, const UnitChange& change) {
  const std::chrono::sys_days day = KHOCHUNG_TRY(day_from_text(change.day));
  KHOCHUNG_CHECK(check_numbers(change));
  std::vector<const Unit*> into;
  for (const auto& id : change.into) into.push_back(KHOCHUNG_TRY(open_unit(tree, id, change.day)));
  std::vector<Unit> changed;
  for (const auto& id : change.units) {
    // Who merges several into one of them names it among both.
    if (std::ranges::find(change.into, id) != change.into.end()) continue;
    Unit unit = *KHOCHUNG_TRY(open_unit(tree, id, change.day));
    if (change.action == Action::merge || change.action == Action::move)
      KHOCHUNG_CHECK(move(unit, *into.front(), change.day));
    if (change.action != Action::move) {
      if (!unit.parent) return fail(ErrorCode::conflict, "unit_is_root", "the top unit stays");
      unit.valid_to = to_text(day - std::chrono::days(1));
      unit.successors = change.into;
    }
    changed.push_back(std::move(unit));
  }
  if (changed.empty()) return fail(ErrorCode::bad_input, "nothing would change");
  auto units = tree.shared_units();
  for (const auto& unit : changed) {
    const auto place = std::ranges::lower_bound(
        units, unit.number, {}, [](const UnitTree::SharedUnit& one) { return one->number; });
    *place = std::make_shared<const Unit>(unit);
  }
  // What is decided already for a later day must hold, too.
  for (const std::string_view when : {std::string_view(change.day), std::string_view()}) {
    const auto after = UnitTree::make(units, when);
    if (!after) return fail(ErrorCode::conflict, "unit_circle", after.error().message);
  }
  return changed;
}

}  // namespace khochung
