#pragma once

#include "server/pages/visit.hpp"

namespace khochung::pages {

/// /people: where administrators of units invite people and reset their accounts.
void add_invite_pages(http::Router& router, const api::Services& services, const Site& site);

/// Whether somebody administers a unit, by a right of the account.
bool administers_some(const access::Viewer& viewer);

}  // namespace khochung::pages
