#pragma once

#include "server/http/router.hpp"
#include "server/pages/site.hpp"

namespace khochung::pages {

/// /vocabularies: the words that materials are described by, and their editing.
void add_vocabulary_pages(http::Router& router, const api::Services& services, const Site& site);

}  // namespace khochung::pages
