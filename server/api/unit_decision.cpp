#include "server/api/unit_decision.hpp"

#include <set>

#include "server/api/administration.hpp"

namespace khochung::api {
namespace {

Result<std::vector<UnitNumber>> places_of(const UnitChange& decision, const UnitTree& tree) {
  std::set<UnitNumber> places;
  const auto unit_of = [&](UnitId id) -> Result<const Unit*> {
    if (const Unit* unit = tree.find(id)) return unit;
    return fail(ErrorCode::not_found, "unknown_unit", "no unit " + id.text());
  };
  for (const auto& id : decision.units) {
    const Unit* unit = KHOCHUNG_TRY(unit_of(id));
    const Unit* parent = tree.parent_of(unit->number);
    places.insert(parent != nullptr ? parent->number : unit->number);
  }
  for (const auto& id : decision.into) places.insert(KHOCHUNG_TRY(unit_of(id))->number);
  return std::vector<UnitNumber>(places.begin(), places.end());
}

}  // namespace

Result<std::vector<Unit>> decide(const Services& services, const access::Viewer& viewer,
                                 const UnitChange& decision, const pipeline::Change& change,
                                 Mode mode) {
  const auto tree = services.units.tree();
  if (!administers(viewer, KHOCHUNG_TRY(places_of(decision, *tree)), *tree))
    return fail(ErrorCode::forbidden, "not an administrator of these units");
  if (mode == Mode::preview) return changed_by(*tree, decision);
  return services.units.carry_out(decision, change);
}

std::size_t count_beneath(const std::vector<Unit>& units, const UnitTree& tree) {
  std::size_t beneath = 0;
  for (const auto& unit : units) beneath += tree.branch(unit.number).size() - 1;
  return beneath;
}

}  // namespace khochung::api
