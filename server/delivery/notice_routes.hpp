#pragma once

#include "server/api/services.hpp"
#include "server/http/router.hpp"

namespace khochung::delivery {

/// /api/v1/kits/{id}/notices and /api/v1/notices: asking for notices of corrections, confirming
/// that, ending them. Secrets come in bodies, which no log has.
void add_notice_routes(http::Router& router, const api::Services& services);

}  // namespace khochung::delivery
