#include "server/api/administration.hpp"

#include <algorithm>

namespace khochung::api {

Result<access::Identity> administrator_of(const Services& services, const http::Request& request,
                                          const std::vector<UnitNumber>& units) {
  auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  const auto tree = services.units.tree();
  const auto administers = [&](UnitNumber unit) {
    access::Standing standing;
    standing.owner = unit;
    return access::may(identity.viewer, access::Action::administer, standing, *tree, now());
  };
  if (!std::ranges::all_of(units, administers))
    return fail(ErrorCode::forbidden, "not an administrator of this unit");
  return identity;
}

}  // namespace khochung::api
