#pragma once

#include "server/pages/visit.hpp"

namespace khochung::pages {

/// /audit: who did what, for those who look after the store. That it was read is noted in it.
void add_audit_page(http::Router& router, const api::Services& services, const Site& site);

}  // namespace khochung::pages
