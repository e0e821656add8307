#pragma once

#include "server/pages/visit.hpp"

namespace khochung::pages {

/// /s/{token}: what a sharing link opens, whoever holds it; its files, pictures and ZIP.
/// /m/{id}/shares: where links are made and ended.
/// Nothing beneath /s/ is kept by a cache, told to another site or shown to robots.
void add_share_pages(http::Router& router, const api::Services& services, const Site& site);

}  // namespace khochung::pages
