#pragma once

#include "server/pages/visit.hpp"

namespace khochung::pages {

/// /sign-in, its second step, /sign-out, and /invitation/{token}, by which somebody chooses a
/// password once. Nothing beneath /invitation/ is kept by a cache, told to another site or shown to
/// robots.
void add_sign_in_pages(http::Router& router, const api::Services& services, const Site& site);

/// An address of this site, or the front page: never another site's.
std::string safe_next(const std::string& next);

}  // namespace khochung::pages
