#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "server/pages/pages.hpp"

/// What a page is about, for search engines. Only for what everybody may see.
/// Source: schema.org; JSON-LD 1.1.
namespace khochung::pages {

/// The site and how to search it.
boost::json::value linked_data_of_site(const PageContext& context);

/// A page of results.
boost::json::value linked_data_of_results(const PageContext& context, std::string_view name,
                                          std::string_view path);

/// A document, picture, film or sound. Shape: as /api/v1/materials/{id}; `picture`: a path or "".
boost::json::value linked_data_of_material(const PageContext& context,
                                           const boost::json::value& material,
                                           std::string_view picture);

/// A press kit with its parts and corrections. Shape: as /api/v1/kits/{id}.
boost::json::value linked_data_of_kit(const PageContext& context, const boost::json::value& kit,
                                      std::string_view picture);

/// As it may stand in a <script type="application/ld+json">: nothing in it ends that element.
/// Empty for null.
std::string linked_data_text(const boost::json::value& data);

}  // namespace khochung::pages
