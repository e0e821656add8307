#pragma once

#include "server/api/services.hpp"
#include "server/api/site.hpp"
#include "server/http/router.hpp"

namespace khochung::delivery {

/// Every address of this room: press kits, feeds, sitemaps, embeds.
void add_routes(http::Router& router, const api::Services& services, const api::Site& site);

}  // namespace khochung::delivery
