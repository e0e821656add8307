#pragma once

#include "server/api/services.hpp"
#include "server/http/router.hpp"

namespace khochung::delivery {

/// /api/v1/kits and /kits/{id}.zip: press kits, their versions, their ZIPs.
void add_kit_routes(http::Router& router, const api::Services& services);

}  // namespace khochung::delivery
