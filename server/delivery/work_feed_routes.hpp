#pragma once

#include "server/api/services.hpp"
#include "server/api/site.hpp"
#include "server/http/router.hpp"

namespace khochung::delivery {

/// /review.atom: what waits for the one who asks. Feed readers that know nothing but a name and a
/// password give an API token as the password.
void add_work_feed_routes(http::Router& router, const api::Services& services,
                          const api::Site& site);

}  // namespace khochung::delivery
