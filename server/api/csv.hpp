#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace khochung::api {

/// The rows of a CSV text: commas (or semicolons, when the first line has no comma), quotes doubled
/// inside quotes, line breaks inside quotes kept, empty lines left out. Errors: bad_input
/// "bad_manifest" for an open quote. Source: RFC 4180.
Result<std::vector<std::vector<std::string>>> parse_csv(std::string_view text);

}  // namespace khochung::api
