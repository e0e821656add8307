#pragma once

#include "server/pages/visit.hpp"

namespace khochung::pages {

/// /calls: open calls, and for those who decide somewhere a new one. /call/{call}: contributing.
void add_call_pages(http::Router& router, const api::Services& services, const Site& site);

}  // namespace khochung::pages
