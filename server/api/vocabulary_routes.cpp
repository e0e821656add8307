#include <algorithm>
#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/api/administration.hpp"
#include "server/api/preservation.hpp"
#include "server/api/readable.hpp"
#include "server/api/request_values.hpp"
#include "server/api/revision.hpp"
#include "server/api/route_adder.hpp"
#include "server/api/routes.hpp"

namespace khochung::api {
namespace {

using boost::json::object;
using http::Request;
using http::Response;

constexpr std::size_t longest_reason = 2'000;

object title_of(const VocabularyInfo& info) {
  return {{"vi", info.vi}, {"en", info.en}};
}

Response answer(const pipeline::Vocabularies::Kept& kept) {
  auto json = to_json(*kept.vocabulary);
  const auto& info = *find_vocabulary(kept.vocabulary->name);
  json["title"] = title_of(info);
  json["source"] = info.source;
  json["revision"] = kept.revision;
  auto response = Response::json(200, boost::json::serialize(json));
  response.fields.set("ETag", revision_tag(kept.revision));
  response.fields.set("Cache-Control", "no-cache");
  return response;
}

Result<Response> list(const Services& services, const Request& request) {
  KHOCHUNG_CHECK(services.doorkeeper.identify(request));
  boost::json::array names;
  for (const auto& info : vocabularies) {
    const auto kept = KHOCHUNG_TRY(services.vocabularies.find(info.name));
    names.push_back(object{{"name", info.name},
                           {"title", title_of(info)},
                           {"source", info.source},
                           {"revision", kept.revision},
                           {"concepts", kept.vocabulary->concepts.size()},
                           {"url", "/api/v1/vocabularies/" + std::string(info.name)}});
  }
  auto response =
      Response::json(200, boost::json::serialize(object{{"vocabularies", std::move(names)}}));
  response.fields.set("Cache-Control", "no-cache");
  return response;
}

constexpr std::string_view turtle_ending = ".ttl";

/// By the parameter, the ending of the address, or the first of these that the client names.
std::string format_of(const Request& request) {
  if (auto asked = request.query_value("format"); !asked.empty()) return asked;
  if (request.parameter("name").ends_with(turtle_ending)) return "turtle";
  const std::string_view accepted = request.fields.get("Accept");
  const auto json = accepted.find("application/json");
  const auto linked = accepted.find("application/ld+json");
  const auto turtle = accepted.find("text/turtle");
  if (turtle < std::min(json, linked)) return "turtle";
  return linked < json ? "jsonld" : "json";
}

Result<Response> show(const Services& services, const Request& request) {
  KHOCHUNG_CHECK(services.doorkeeper.identify(request));
  std::string_view name = request.parameter("name");
  if (name.ends_with(turtle_ending)) name.remove_suffix(turtle_ending.size());
  const auto kept = KHOCHUNG_TRY(services.vocabularies.find(name));
  const auto format = format_of(request);
  Response response;
  if (format == "json") {
    response = answer(kept);
  } else if (format == "jsonld") {
    response = Response::text(200, "application/ld+json",
                              boost::json::serialize(to_json_ld(*kept.vocabulary)));
  } else if (format == "turtle") {
    response = Response::text(200, "text/turtle", to_turtle(*kept.vocabulary));
  } else {
    return fail(ErrorCode::bad_input, "format is json, jsonld or turtle");
  }
  response.fields.set("Cache-Control", "no-cache");
  response.fields.add("Vary", "Accept");
  return response;
}

/// By administrators of the whole tree.
Result<Response> set(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  KHOCHUNG_CHECK(caretaker(services, request));
  const auto& name = request.parameter("name");
  KHOCHUNG_CHECK(services.vocabularies.find(name));
  const auto expected = KHOCHUNG_TRY(required_revision(request));
  const auto body = KHOCHUNG_TRY(json_body(request));
  const auto vocabulary = KHOCHUNG_TRY(vocabulary_from_json(name, body));
  auto why = JsonReader(body).string("reason");
  if (why.size() > longest_reason) return fail(ErrorCode::bad_input, "the reason is too long");
  if (why.empty()) why = pipeline::reason_of("vocabulary_edited");
  return answer(KHOCHUNG_TRY(services.vocabularies.set(
      vocabulary, expected, change_of(request, identity.viewer, std::move(why)))));
}

}  // namespace

void add_vocabulary_routes(http::Router& router, const Services& services) {
  const RouteAdder add(router, services);
  using enum http::Method;
  using enum http::BodyKind;
  add(get, "/api/v1/vocabularies", none, list);
  add(get, "/api/v1/vocabularies/{name}", none, show);
  add(put, "/api/v1/vocabularies/{name}", small, set);
}

}  // namespace khochung::api
