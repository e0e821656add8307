#pragma once

#include "server/pages/visit.hpp"

namespace khochung::pages {

/// /m/{id}/edit: what a material says, for those who may change it.
void add_edit_page(http::Router& router, const api::Services& services, const Site& site);

}  // namespace khochung::pages
