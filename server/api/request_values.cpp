#include "server/api/request_values.hpp"

#include <boost/json.hpp>
#include <charconv>

namespace khochung::api {

Result<boost::json::value> json_body(const http::Request& request) {
  boost::json::error_code error;
  auto body = boost::json::parse(request.body, error);
  if (error || !body.is_object())
    return fail(ErrorCode::bad_input, "the body is not a JSON object");
  return body;
}

Result<int> number_between(std::string_view name, const std::string& text, int lowest, int highest,
                           int otherwise) {
  if (text.empty()) return otherwise;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < lowest ||
      number > highest) {
    return fail(ErrorCode::bad_input, std::string(name) + " must be between " +
                                          std::to_string(lowest) + " and " +
                                          std::to_string(highest));
  }
  return number;
}

}  // namespace khochung::api
