#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "server/http/message.hpp"

namespace khochung::http {

/// The value of the cookie `name`; empty when absent. Source: RFC 6265, 4.2.
std::string_view cookie(const Request& request, std::string_view name);

/// A cookie that only our own pages send back: HttpOnly, SameSite=Lax.
struct Cookie {
  std::string name;                             ///< a token
  std::string value;                            ///< no spaces, quotes, commas, semicolons
  std::optional<std::chrono::seconds> max_age;  ///< nothing: until the browser closes; 0: forget it
  bool only_over_tls = false;
  std::string path = "/";  ///< the pages beneath it get it
};

/// The value of a Set-Cookie field.
std::string to_field(const Cookie& cookie);

}  // namespace khochung::http
