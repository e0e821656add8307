#pragma once

#include "server/api/services.hpp"
#include "server/api/site.hpp"
#include "server/http/router.hpp"

namespace khochung::delivery {

/// /api/v1/materials/{id}/shares, /api/v1/shares/{id}: making, listing and ending sharing links;
/// /m/{id}/qr.svg and /m/{id}/qr.png: the address of what everybody may see, for notice boards.
void add_share_routes(http::Router& router, const api::Services& services, const api::Site& site);

}  // namespace khochung::delivery
