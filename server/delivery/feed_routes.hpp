#pragma once

#include "server/api/services.hpp"
#include "server/api/site.hpp"
#include "server/http/router.hpp"

namespace khochung::delivery {

/// /feed.atom for every search, /kits/{id}.atom for the versions of a press kit. They give what the
/// one who asks may read.
void add_feed_routes(http::Router& router, const api::Services& services, const api::Site& site);

}  // namespace khochung::delivery
