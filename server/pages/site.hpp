#pragma once

#include "server/api/services.hpp"
#include "server/http/router.hpp"

namespace khochung::pages {

/// What the site is called and where it is reached.
struct Site {
  std::string name = "Công đoàn Việt Nam";
  std::string origin;  ///< "https://kho.example.vn"; empty: as the request's Host says
};

/// The addresses that people open: front page, search, materials, upload, receipts, units, sign-in,
/// assets. They ask the same services as the API and add presentation alone.
void add_page_routes(http::Router& router, const api::Services& services, const Site& site);

/// The page for an Error, for requests that want one.
http::Response error_answer(const http::Request& request, const Error& error, const Site& site);

}  // namespace khochung::pages
