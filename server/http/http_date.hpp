#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schemas/instant.hpp"

namespace khochung::http {

/// "Mon, 23 Nov 2026 00:41:00 GMT". Source: RFC 9110, 5.6.7.
std::string to_http_date(Instant instant);

/// Reads the one form that is still made (IMF-fixdate); nothing for any other text.
std::optional<Instant> instant_from_http_date(std::string_view text);

}  // namespace khochung::http
