#pragma once

#include "server/api/services.hpp"
#include "server/api/site.hpp"
#include "server/http/router.hpp"

namespace khochung::delivery {

/// /sitemap.xml, /sitemap/{n}.xml, /robots.txt, /opensearch.xml, /opensearch/suggest: how programs
/// of others find what everybody may see.
void add_discovery_routes(http::Router& router, const api::Services& services,
                          const api::Site& site);

}  // namespace khochung::delivery
