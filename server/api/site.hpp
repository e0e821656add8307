#pragma once

#include <string>

#include "server/http/message.hpp"

namespace khochung::api {

/// What the site is called and where it is reached.
struct Site {
  std::string name = "Công đoàn Việt Nam";
  std::string origin;  ///< "https://kho.example.vn"; empty: as the request's Host says
  /// Where the server itself listens, for links that a command asks for; empty: nobody listens.
  std::string served_at;
};

/// How the archive is reached from outside: as configured, else as this request came, or where the
/// server listens when a command asks.
std::string origin_of(const http::Request& request, const Site& site);

}  // namespace khochung::api
