#include "server/api/administration.hpp"

#include <algorithm>

namespace khochung::api {

bool administers(const access::Viewer& viewer, const std::vector<UnitNumber>& units,
                 const UnitTree& tree) {
  return std::ranges::all_of(units, [&](UnitNumber unit) {
    access::Standing standing;
    standing.owner = unit;
    return access::may(viewer, access::Action::administer, standing, tree, now());
  });
}

storage::AccountStore::UnitsAbove units_above(std::shared_ptr<const UnitTree> tree) {
  return [tree = std::move(tree)](UnitId id) {
    std::vector<UnitId> units;
    for (const Unit* unit = tree->find(id); unit != nullptr; unit = tree->parent_of(unit->number))
      units.push_back(unit->id);
    return units;
  };
}

Result<access::Identity> administrator_of(const Services& services, const http::Request& request,
                                          const std::vector<UnitNumber>& units) {
  auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  if (!administers(identity.viewer, units, *services.units.tree()))
    return fail(ErrorCode::forbidden, "not an administrator of this unit");
  return identity;
}

}  // namespace khochung::api
