#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "schemas/result.hpp"
#include "server/http/message.hpp"

/// What requests say, read and checked.
namespace khochung::api {

/// The body as a JSON object. Errors: bad_input.
Result<boost::json::value> json_body(const http::Request& request);

/// A whole number of an address; `otherwise` where it is not said. Errors: bad_input.
Result<int> number_between(std::string_view name, const std::string& text, int lowest, int highest,
                           int otherwise);

}  // namespace khochung::api
