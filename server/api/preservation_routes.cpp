#include <boost/json.hpp>

#include "server/api/preservation.hpp"
#include "server/api/route_adder.hpp"
#include "server/api/routes.hpp"

namespace khochung::api {
namespace {

using http::Request;
using http::Response;

Result<Response> show(const Services& services, const Request& request) {
  KHOCHUNG_CHECK(caretaker(services, request));
  const auto status = KHOCHUNG_TRY(preservation_status(services));
  return Response::json(200, boost::json::serialize(to_json(status)));
}

}  // namespace

void add_preservation_routes(http::Router& router, const Services& services) {
  const RouteAdder add(router, services);
  add(http::Method::get, "/api/v1/preservation", http::BodyKind::none, show);
}

}  // namespace khochung::api
