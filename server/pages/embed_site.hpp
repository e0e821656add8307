#pragma once

#include "server/pages/visit.hpp"

namespace khochung::pages {

/// /embed/{id}: a material or press kit in a frame on another site. It shows what everybody may
/// see, whoever looks, and sets no cookie.
void add_embed_page(http::Router& router, const api::Services& services, const Site& site);

}  // namespace khochung::pages
