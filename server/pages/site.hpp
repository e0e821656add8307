#pragma once

#include "server/api/services.hpp"
#include "server/api/site.hpp"
#include "server/http/router.hpp"

namespace khochung::pages {

using api::Site;

/// The addresses that people open: front page, search, materials, upload, receipts, units, sign-in,
/// assets. They ask the same services as the API and add presentation alone.
void add_page_routes(http::Router& router, const api::Services& services, const Site& site);

/// The page for an Error, for requests that want one.
http::Response error_answer(const http::Request& request, const Error& error, const Site& site);

}  // namespace khochung::pages
