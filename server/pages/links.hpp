#pragma once

#include <string>
#include <string_view>

#include "server/pages/pages.hpp"

/// The addresses that pages lead to. Everything put into them is percent-encoded.
namespace khochung::pages {

/// "/search?q=…&unit=…": members that are empty or have their usual value are left out.
std::string search_address(const SearchParameters& parameters);

/// "/feed.atom?q=…&unit=…": the same search as a feed, newest first.
std::string feed_address(const SearchParameters& parameters);

/// The page that offers all results in one piece.
std::string selection_address(const SearchParameters& parameters);

/// "/m/{id}?q=…&page=N"; page 1 and an empty query are left out.
std::string material_address(std::string_view id, std::string_view query, int page);

/// "/api/v1/materials/{id}/files/{name}".
std::string file_address(std::string_view id, std::string_view name);

/// "/api/v1/materials/{id}/pages/{n}/image?width=…".
std::string page_picture_address(std::string_view id, int page, int width);

/// The present page with `lang=` set to the other language.
std::string other_language_address(const PageContext& context);

/// `text` as a part of an address: all but unreserved characters percent-encoded.
std::string encoded(std::string_view text);

}  // namespace khochung::pages
