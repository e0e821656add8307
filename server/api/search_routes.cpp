#include <boost/json.hpp>

#include "server/api/readable.hpp"
#include "server/api/route_adder.hpp"
#include "server/api/routes.hpp"
#include "server/api/search_answer.hpp"

namespace khochung::api {
namespace {

using http::Request;
using http::Response;

constexpr int most_suggestions = 10;

Response not_cached(const boost::json::value& json) {
  auto response = Response::json(200, boost::json::serialize(json));
  response.fields.set("Cache-Control", "private, no-store");
  return response;
}

Result<Response> search(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify(request));
  const auto parameters = KHOCHUNG_TRY(SearchParameters::of(request));
  return not_cached(
      KHOCHUNG_TRY(search_answer(services, parameters, identity.viewer, language_of(request))));
}

Result<Response> suggest(const Services& services, const Request& request) {
  boost::json::array suggestions;
  for (const auto& suggestion :
       KHOCHUNG_TRY(services.searcher.suggest(request.query_value("q"), now(), most_suggestions))) {
    suggestions.push_back(
        boost::json::object{{"title", suggestion.title}, {"url", "/m/" + suggestion.id.text()}});
  }
  return not_cached(std::move(suggestions));
}

}  // namespace

void add_search_routes(http::Router& router, const Services& services) {
  const RouteAdder add(router, services);
  add(http::Method::get, "/api/v1/search", http::BodyKind::none, search, http::Load::search);
  add(http::Method::get, "/api/v1/suggest", http::BodyKind::none, suggest, http::Load::search);
}

}  // namespace khochung::api
