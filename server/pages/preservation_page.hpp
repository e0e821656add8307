#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "schemas/instant.hpp"
#include "server/pages/pages.hpp"

namespace khochung::pages {

/// How the store is kept. Shape: `status` as /api/v1/preservation answers; ages count until `now`.
std::string preservation_page(const PageContext& context, const boost::json::value& status,
                              Instant now);

}  // namespace khochung::pages
