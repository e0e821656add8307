#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "schemas/instant.hpp"
#include "server/pages/pages.hpp"

namespace khochung::pages {

/// A press kit as a journalist meets it. Shape: `kit` as /api/v1/kits/{id} answers; an embargo
/// counts at `now`. `preview`: {closed: [{material, title, hindrance}]} for a look ahead.
std::string kit_page(const PageContext& context, const boost::json::value& kit, Instant now);

}  // namespace khochung::pages
