#pragma once

#include "server/api/services.hpp"
#include "server/api/site.hpp"
#include "server/http/router.hpp"

namespace khochung::delivery {

/// /selection.zip: materials that somebody chose, in one piece.
void add_selection_routes(http::Router& router, const api::Services& services,
                          const api::Site& site);

}  // namespace khochung::delivery
