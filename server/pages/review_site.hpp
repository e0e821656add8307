#pragma once

#include "server/pages/visit.hpp"

namespace khochung::pages {

/// /review: what waits for whom. /m/{id}/review: the way of one material and its next step.
void add_review_pages(http::Router& router, const api::Services& services, const Site& site);

}  // namespace khochung::pages
