#pragma once

#include <string>

#include "server/http/message.hpp"

namespace khochung::api {

/// What the site is called and where it is reached.
struct Site {
  std::string name = "Công đoàn Việt Nam";
  std::string origin;  ///< "https://kho.example.vn"; empty: as the request's Host says
};

/// How the archive is reached from outside: as configured, else as this request came.
std::string origin_of(const http::Request& request, const Site& site);

}  // namespace khochung::api
