#pragma once

#include "server/http/router.hpp"
#include "server/pages/site.hpp"

namespace khochung::pages {

/// /bulk-edit, /bulk-edits/{id}: many materials changed in one go.
void add_bulk_pages(http::Router& router, const api::Services& services, const Site& site);

}  // namespace khochung::pages
