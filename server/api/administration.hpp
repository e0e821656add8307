#pragma once

#include <vector>

#include "server/api/services.hpp"
#include "server/http/message.hpp"

namespace khochung::api {

/// Who sends a change and administers all these units.
/// Errors: those of Doorkeeper::identify_for_change; forbidden.
Result<access::Identity> administrator_of(const Services& services, const http::Request& request,
                                          const std::vector<UnitNumber>& units);

}  // namespace khochung::api
