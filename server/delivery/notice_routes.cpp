#include "server/delivery/notice_routes.hpp"

#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/api/route_adder.hpp"
#include "server/delivery/notices.hpp"

namespace khochung::delivery {
namespace {

using api::Services;
using boost::json::object;
using http::Request;
using http::Response;

Result<boost::json::value> body_of(const Request& request) {
  boost::json::error_code error;
  auto body = boost::json::parse(request.body, error);
  if (error || !body.is_object()) return fail(ErrorCode::bad_input, "the body is a JSON object");
  return body;
}

Response private_answer(int status, const object& json) {
  auto response = Response::json(status, boost::json::serialize(json));
  response.fields.set("Cache-Control", "no-store");
  return response;
}

Language language_in(const JsonReader& body, const Request& request) {
  const auto said = body.string("language");
  if (said.empty()) return api::language_of(request);
  return said == "en" ? Language::english : Language::vietnamese;
}

Result<Response> ask(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify_asker(request)).viewer;
  const auto& kit = request.parameter("id");
  const auto body = KHOCHUNG_TRY(body_of(request));
  const JsonReader read(body);
  KHOCHUNG_CHECK(ask_for_notices(services, request, viewer,
                                 {kit, read.string("address"), language_in(read, request)}));
  return private_answer(202, {{"kit", kit}, {"state", "confirmation_sent"}});
}

Result<std::string> token_of(const Request& request) {
  const auto body = KHOCHUNG_TRY(body_of(request));
  return JsonReader(body).string("token");
}

Result<Response> confirm(const Services& services, const Request& request) {
  const auto token = KHOCHUNG_TRY(token_of(request));
  const auto subject = KHOCHUNG_TRY(confirm_notices(services, token));
  return private_answer(200, {{"kit", subject.kit.text()}, {"state", "following"}});
}

Result<Response> leave(const Services& services, const Request& request) {
  const auto token = KHOCHUNG_TRY(token_of(request));
  KHOCHUNG_CHECK(end_notices(services, token));
  return Response{204, {}, {}};
}

}  // namespace

void add_notice_routes(http::Router& router, const Services& services) {
  using enum http::Method;
  using enum http::BodyKind;
  const api::RouteAdder add(router, services);
  add(post, "/api/v1/kits/{id}/notices", small, ask);
  add(post, "/api/v1/notices/confirm", small, confirm);
  add(post, "/api/v1/notices/leave", small, leave);
}

}  // namespace khochung::delivery
