#pragma once

#include "server/pages/visit.hpp"

namespace khochung::pages {

/// /units: the tree, branch by branch, and units by name. /units/change: what is decided about
/// them.
void add_unit_pages(http::Router& router, const api::Services& services, const Site& site);

}  // namespace khochung::pages
