#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/api/history.hpp"
#include "server/api/readable.hpp"
#include "server/api/revision.hpp"
#include "server/api/route_adder.hpp"
#include "server/api/routes.hpp"

namespace khochung::api {
namespace {

using access::Action;
using boost::json::array;
using boost::json::object;
using http::Request;
using http::Response;

Result<boost::json::value> body_of(const Request& request) {
  boost::json::error_code error;
  auto body = boost::json::parse(request.body, error);
  if (error || !body.is_object()) return fail(ErrorCode::bad_input, "the body is no JSON object");
  return body;
}

/// Why it is done, in the words of who does it. Errors: bad_input.
Result<std::string> reason_from(const Request& request) {
  const auto body = KHOCHUNG_TRY(body_of(request));
  auto reason = JsonReader(body).string("reason");
  KHOCHUNG_CHECK(check_reason(reason));
  return reason;
}

/// Who did it through which door is told to those who may change it, too.
object revision_json(const Record& record, bool is_for_editors) {
  object json{{"revision", record.revision}, {"at", to_rfc3339(record.at)}, {"why", record.why}};
  if (!is_for_editors) return json;
  json["by"] = record.by;
  json["from"] = record.from;
  json["sha256"] = Digest::of(to_canonical_json(record)).hex();
  return json;
}

Result<Response> history(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify(request));
  const auto readable =
      KHOCHUNG_TRY(find_readable(services, request.parameter("id"), identity.viewer));
  const bool may_edit =
      access::may(identity.viewer, Action::edit, readable.standing, *readable.tree, now());
  array revisions;
  for (const auto& record : KHOCHUNG_TRY(history_for(services, readable, identity.viewer)))
    revisions.push_back(revision_json(record, may_edit));
  return Response::json(200, boost::json::serialize(revisions));
}

Result<Response> revision(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify(request));
  const auto readable =
      KHOCHUNG_TRY(find_readable(services, request.parameter("id"), identity.viewer));
  const auto number = KHOCHUNG_TRY(whole_number(request.parameter("n")));
  const auto record = KHOCHUNG_TRY(revision_of(services, readable, identity.viewer, number));
  auto json = revision_json(record, true);
  auto material = record.body;
  if (material.is_object()) material.get_object().erase("review");  // is told by itself
  json["material"] = std::move(material);
  return Response::json(200, boost::json::serialize(json));
}

Result<Response> restore(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  const auto readable =
      KHOCHUNG_TRY(find_readable(services, request.parameter("id"), identity.viewer));
  const auto expected = KHOCHUNG_TRY(required_revision(request));
  const auto number = KHOCHUNG_TRY(whole_number(request.parameter("n")));
  const Deed deed{identity.viewer, expected,
                  change_of(request, identity.viewer, pipeline::reason_of("restored"))};
  const auto changed = KHOCHUNG_TRY(restore_revision(services, readable, deed, number));
  return material_answer(changed, services, identity.viewer);
}

Result<Response> remove(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  const auto readable =
      KHOCHUNG_TRY(find_readable(services, request.parameter("id"), identity.viewer));
  const auto expected = KHOCHUNG_TRY(required_revision(request));
  const auto reason = KHOCHUNG_TRY(reason_from(request));
  const Deed deed{identity.viewer, expected, change_of(request, identity.viewer, reason)};
  const auto changed = KHOCHUNG_TRY(remove_material(services, readable, deed));
  return material_answer(changed, services, identity.viewer);
}

}  // namespace

void add_history_routes(http::Router& router, const Services& services) {
  using enum http::Method;
  const RouteAdder add(router, services);
  const std::string material = "/api/v1/materials/{id}";
  add(get, material + "/history", http::BodyKind::none, history);
  add(get, material + "/revisions/{n}", http::BodyKind::none, revision);
  add(post, material + "/revisions/{n}/restore", http::BodyKind::small, restore);
  add(delete_, material, http::BodyKind::small, api::remove);
}

}  // namespace khochung::api
