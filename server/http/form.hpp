#pragma once

#include <map>
#include <string>

#include "schemas/result.hpp"
#include "server/http/message.hpp"

namespace khochung::http {

/// The values of an HTML form sent as application/x-www-form-urlencoded.
/// Errors: unsupported for another media type; bad_input.
Result<std::multimap<std::string, std::string>> form_values(const Request& request);

/// The media type of a Content-Type field without its parameters, in lower case.
std::string media_type_of(std::string_view content_type);

}  // namespace khochung::http
