#pragma once

#include "server/pages/visit.hpp"

namespace khochung::pages {

/// /m/{id}/history, /delete, /hold: what was, going back, taking out, holding.
void add_history_pages(http::Router& router, const api::Services& services, const Site& site);

/// The 410 page of what the visitor may know was taken out. Errors: not_found.
Result<http::Response> tombstone(const Visit& visit);

}  // namespace khochung::pages
