#include <boost/json.hpp>

#include "indexer/pipeline/page_map.hpp"
#include "schemas/json_reader.hpp"
#include "server/api/material_json.hpp"
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

constexpr std::size_t longest_reason = 2'000;

/// Whether `viewer` may do this with a material in that state. Errors: forbidden.
Result<void> demand(const access::Viewer& viewer, Action action, const Material& material,
                    const UnitTree& tree) {
  const auto standing = KHOCHUNG_TRY(access::Standing::of(material, tree));
  if (access::may(viewer, action, standing, tree, now())) return {};
  return fail(ErrorCode::forbidden, "may not do this with " + material.id.text());
}

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
  if (reason.empty()) return fail(ErrorCode::bad_input, "reason_missing", "no reason was given");
  if (reason.size() > longest_reason) return fail(ErrorCode::bad_input, "the reason is too long");
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
  for (const auto& record : KHOCHUNG_TRY(services.materials.history(readable.entry.material.id)))
    revisions.push_back(revision_json(record, may_edit));
  return Response::json(200, boost::json::serialize(revisions));
}

/// One revision, for those who may edit both it and what is now. Errors: not_found; forbidden.
Result<Record> revision_of(const Services& services, const Readable& readable,
                           const access::Viewer& viewer, std::string_view number_text) {
  const auto number = KHOCHUNG_TRY(whole_number(number_text));
  KHOCHUNG_CHECK(demand(viewer, Action::edit, readable.entry.material, *readable.tree));
  const auto records = KHOCHUNG_TRY(services.materials.history(readable.entry.material.id));
  const auto found = std::ranges::find(records, number, &Record::revision);
  if (found == records.end())
    return fail(ErrorCode::not_found, "no revision " + std::to_string(number));
  const auto then = KHOCHUNG_TRY(material_from_json(found->body));
  KHOCHUNG_CHECK(demand(viewer, Action::edit, then, *readable.tree));
  return *found;
}

Result<Response> revision(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify(request));
  const auto readable =
      KHOCHUNG_TRY(find_readable(services, request.parameter("id"), identity.viewer));
  const auto record =
      KHOCHUNG_TRY(revision_of(services, readable, identity.viewer, request.parameter("n")));
  auto json = revision_json(record, true);
  json["material"] = record.body;
  return Response::json(200, boost::json::serialize(json));
}

/// Bytes that are gone do not come back with a revision that named them.
Result<void> demand_bytes(const Services& services, const Material& material) {
  for (const auto& file : material.files) {
    if (!services.blobs.contains(file.sha256))
      return fail(ErrorCode::conflict, "bytes_gone", "no bytes of " + file.name);
  }
  return {};
}

Result<Response> restore(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  const auto readable =
      KHOCHUNG_TRY(find_readable(services, request.parameter("id"), identity.viewer));
  const auto expected = KHOCHUNG_TRY(required_revision(request));
  const auto record =
      KHOCHUNG_TRY(revision_of(services, readable, identity.viewer, request.parameter("n")));
  const auto then = KHOCHUNG_TRY(material_from_json(record.body));
  KHOCHUNG_CHECK(demand_bytes(services, then));
  const auto back = [&](Material& material) -> Result<void> {
    KHOCHUNG_CHECK(demand(identity.viewer, Action::publish, material, *readable.tree));
    KHOCHUNG_CHECK(demand(identity.viewer, Action::publish, then, *readable.tree));
    // A hold is of now, and nobody gets out of quarantine by going back.
    const auto hold = material.hold;
    const auto sensitivity = std::max(material.sensitivity, then.sensitivity);
    material = then;
    material.hold = hold;
    material.sensitivity = sensitivity;
    return {};
  };
  pipeline::Consequences consequences;
  consequences.page_count = pipeline::count_pages(then, services.derivatives).pages;
  const auto why = pipeline::reason_of("restored");
  const auto restored = KHOCHUNG_TRY(services.materials.revise(
      then.id, expected, change_of(request, identity.viewer, why), back, std::move(consequences)));
  services.index_bell.ring();
  return material_answer(KHOCHUNG_TRY(services.catalogue.material(restored.id)), services,
                         identity.viewer);
}

/// Leaves a tombstone; the bytes go later, and only when nothing keeps them.
Result<Response> remove(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  const auto readable =
      KHOCHUNG_TRY(find_readable(services, request.parameter("id"), identity.viewer));
  const auto expected = KHOCHUNG_TRY(required_revision(request));
  const auto reason = KHOCHUNG_TRY(reason_from(request));
  const auto bury = [&](Material& material) -> Result<void> {
    KHOCHUNG_CHECK(demand(identity.viewer, Action::publish, material, *readable.tree));
    if (material.state == State::deleted)
      return fail(ErrorCode::conflict, "deleted", "it is deleted already");
    if (!material.hold.empty()) return fail(ErrorCode::conflict, "held", material.hold);
    material.state = State::deleted;
    material.notice = reason;
    material.deletion = Deletion{now(), identity.viewer.name, std::nullopt};
    return {};
  };
  const auto id = readable.entry.material.id;
  KHOCHUNG_TRY(
      services.materials.revise(id, expected, change_of(request, identity.viewer, reason), bury));
  services.index_bell.ring();
  return material_answer(KHOCHUNG_TRY(services.catalogue.material(id)), services, identity.viewer);
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
