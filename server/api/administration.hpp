#pragma once

#include <memory>
#include <vector>

#include "server/api/services.hpp"
#include "server/http/message.hpp"

namespace khochung::api {

/// Whether somebody administers all these units.
bool administers(const access::Viewer& viewer, const std::vector<UnitNumber>& units,
                 const UnitTree& tree);

/// What the account store asks for, so that no unit is left without an administrator.
storage::AccountStore::UnitsAbove units_above(std::shared_ptr<const UnitTree> tree);

/// Who sends a change and administers all these units.
/// Errors: those of Doorkeeper::identify_for_change; forbidden.
Result<access::Identity> administrator_of(const Services& services, const http::Request& request,
                                          const std::vector<UnitNumber>& units);

}  // namespace khochung::api
