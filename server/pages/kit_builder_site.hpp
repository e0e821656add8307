#pragma once

#include "server/http/router.hpp"
#include "server/pages/visit.hpp"

namespace khochung::pages {

/// /kits, /kits/new, /kit/{id}/edit and /kit/{id}/preview: where press kits are put together.
void add_kit_builder_pages(http::Router& router, const api::Services& services, const Site& site);

}  // namespace khochung::pages
