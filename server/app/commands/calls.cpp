#include "server/app/commands/calls.hpp"

#include "server/http/encoding.hpp"

namespace khochung::app {

Call get(std::string target, const std::string& as) {
  Call call{http::Method::get, std::move(target), {}, {}};
  if (!as.empty()) call.fields.set("X-Act-As", as);
  return call;
}

Call post(std::string target, const boost::json::value& body) {
  Call call{http::Method::post, std::move(target), {}, {boost::json::serialize(body)}};
  call.fields.set("Content-Type", "application/json");
  return call;
}

void add_parameter(std::string& target, std::string_view name, const std::string& value) {
  if (value.empty()) return;
  target += target.find('?') == std::string::npos ? '?' : '&';
  target += std::string(name) + "=" + http::percent_encode(value);
}

Result<boost::json::value> json_of(Client& client, const Call& call) {
  const auto answer = KHOCHUNG_TRY(checked(client.send(call)));
  boost::json::error_code error;
  auto json = boost::json::parse(answer.body, error);
  if (error) return fail(ErrorCode::unavailable, "the answer is not JSON: " + error.message());
  return json;
}

}  // namespace khochung::app
