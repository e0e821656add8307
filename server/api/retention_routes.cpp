#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "schemas/json_reader.hpp"
#include "server/api/preservation.hpp"
#include "server/api/readable.hpp"
#include "server/api/revision.hpp"
#include "server/api/routes.hpp"
#include "storage/packages/csv_cell.hpp"

namespace khochung::api {
namespace {

using access::Action;
using boost::json::array;
using boost::json::object;
using http::Request;
using http::Response;
using Kept = pipeline::Disposals::Kept;

constexpr int due_at_once = 100;
constexpr int disposals_at_once = 50;
constexpr std::size_t longest_note = 2'000;

Result<boost::json::value> body_of(const Request& request) {
  boost::json::error_code error;
  auto body = boost::json::parse(request.body, error);
  if (error || !body.is_object()) return fail(ErrorCode::bad_input, "the body is no JSON object");
  return body;
}

/// Errors: bad_input when it is too long.
Result<std::string> words_of(const JsonReader& body, std::string_view name) {
  auto words = body.string(name);
  if (words.size() > longest_note)
    return fail(ErrorCode::bad_input, std::string(name) + " is too long");
  return words;
}

Response answer(int status, const boost::json::value& json, int revision) {
  auto response = Response::json(status, boost::json::serialize(json));
  response.fields.set("ETag", revision_tag(revision));
  response.fields.set("Cache-Control", "private, no-cache");
  return response;
}

/// Whether `viewer` may do this with every one of them. Errors: forbidden; not_found.
Result<void> demand_all(const Services& services, const access::Viewer& viewer, Action action,
                        const std::vector<storage::CatalogueEntry>& entries) {
  const auto tree = services.units.tree();
  for (const auto& entry : entries) {
    const auto standing = KHOCHUNG_TRY(access::Standing::of(entry.material, *tree));
    if (!access::may(viewer, action, standing, *tree, now()))
      return fail(ErrorCode::forbidden, "may not do this with " + entry.material.id.text());
  }
  return {};
}

// -- the table and what is due

Response table_answer(const pipeline::Retention::Kept& kept) {
  auto json = to_json(kept.table).as_object();
  json["revision"] = kept.revision;
  return answer(200, json, kept.revision);
}

Result<Response> show_table(const Services& services, const Request& request) {
  KHOCHUNG_CHECK(services.doorkeeper.identify(request));
  return table_answer(KHOCHUNG_TRY(services.retention.table()));
}

Result<Response> set_table(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  KHOCHUNG_CHECK(caretaker(services, request));
  const auto expected = KHOCHUNG_TRY(required_revision(request));
  const auto body = KHOCHUNG_TRY(body_of(request));
  const auto table = KHOCHUNG_TRY(retention_table_from_json(body));
  auto why = KHOCHUNG_TRY(words_of(JsonReader(body), "reason"));
  if (why.empty()) why = pipeline::reason_of("retention_edited");
  return table_answer(KHOCHUNG_TRY(services.retention.set_table(
      table, expected, change_of(request, identity.viewer, std::move(why)))));
}

/// "2026-12-31"; today when it is not said.
Result<std::chrono::year_month_day> day_from(const Request& request) {
  const auto text = request.query_value("before");
  if (text.empty()) return day_of(now());
  return day_from_text(text);
}

/// For those who may destroy: each sees what is theirs.
Result<Response> list_due(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify(request));
  if (identity.viewer.kind == access::AccountKind::anonymous)
    return fail(ErrorCode::unauthenticated, "nobody is signed in");
  const auto day = KHOCHUNG_TRY(day_from(request));
  const auto list =
      KHOCHUNG_TRY(services.retention.due(day, request.query_value("after"), due_at_once));
  array materials;
  for (const auto& [entry, due] : list.materials) {
    if (!demand_all(services, identity.viewer, Action::publish, {entry})) continue;
    const auto& material = entry.material;
    materials.push_back(object{{"id", material.id.text()},
                               {"title", material.title},
                               {"kind", material.kind},
                               {"date", material.date},
                               {"unit", material.unit.text()},
                               {"due", to_text(due)},
                               {"held", material.is_held()}});
  }
  return Response::json(200, boost::json::serialize(
                                 object{{"materials", std::move(materials)}, {"next", list.next}}));
}

// -- disposals

/// Those who may destroy all that is on the list, and caretakers. To others it is not there.
Result<Kept> find_disposal(const Services& services, const Request& request,
                           const access::Viewer& viewer) {
  const auto hidden = [] { return fail(ErrorCode::not_found, "no such disposal for this viewer"); };
  const auto id = Uuid::parse(request.parameter("id"));
  if (!id) return hidden();
  auto kept = KHOCHUNG_TRY(services.disposals.find(*id));
  if (caretaker(services, request)) return kept;
  const auto entries = KHOCHUNG_TRY(services.disposals.materials_of(kept.disposal));
  if (!demand_all(services, viewer, Action::publish, entries)) return hidden();
  return kept;
}

/// The list with the titles of today.
Result<object> disposal_json(const Services& services, const Kept& kept) {
  auto json = to_json(kept.disposal).as_object();
  json["revision"] = kept.revision;
  std::map<std::string, std::string> titles;
  for (const auto& entry : KHOCHUNG_TRY(services.disposals.materials_of(kept.disposal)))
    titles[entry.material.id.text()] = entry.material.title;
  for (auto& item : json["items"].as_array())
    item.as_object()["title"] = titles[std::string(item.at("material").as_string())];
  return json;
}

/// Source: RFC 4180; for the annex of the minutes.
Response list_as_csv(const object& disposal) {
  constexpr std::array columns{"material", "title", "kind",  "date",
                               "term",     "due",   "basis", "outcome"};
  std::string text = "\xEF\xBB\xBF";
  for (const auto* column : columns) text += std::string(column) + ",";
  text += "sha256\r\n";
  for (const auto& item : disposal.at("items").as_array()) {
    const JsonReader read(item);
    for (const auto* column : columns) text += storage::csv_cell(read.string(column)) + ",";
    std::string digests;
    for (const auto& digest : read.strings("files"))
      digests += (digests.empty() ? "" : " ") + digest;
    text += digests + "\r\n";
  }
  return Response::text(200, "text/csv; charset=utf-8", std::move(text));
}

Result<Response> show_disposal(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify(request));
  const auto kept = KHOCHUNG_TRY(find_disposal(services, request, identity.viewer));
  const auto json = KHOCHUNG_TRY(disposal_json(services, kept));
  if (request.query_value("format") == "csv") return list_as_csv(json);
  return answer(200, json, kept.revision);
}

Result<Response> list_disposals(const Services& services, const Request& request) {
  KHOCHUNG_CHECK(caretaker(services, request));
  std::optional<Uuid> before;
  if (const auto text = request.query_value("before"); !text.empty())
    before = KHOCHUNG_TRY(Uuid::parse(text));
  array list;
  for (const auto& [disposal, revision] :
       KHOCHUNG_TRY(services.disposals.list(before, disposals_at_once))) {
    list.push_back(object{{"id", disposal.id.text()},
                          {"revision", revision},
                          {"state", to_text(disposal.state)},
                          {"materials", disposal.items.size()},
                          {"begun_at", to_rfc3339(disposal.steps.front().at)},
                          {"begun_by", disposal.steps.front().by}});
  }
  return Response::json(200, boost::json::serialize(object{{"disposals", std::move(list)}}));
}

Result<Response> begin_disposal(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  const auto body = KHOCHUNG_TRY(body_of(request));
  const JsonReader read(body);
  std::vector<MaterialId> ids;
  for (const auto& id : read.strings("materials")) {
    if (ids.size() > most_disposal_items) break;  // refused below
    ids.push_back(KHOCHUNG_TRY(MaterialId::parse(id)));
  }
  const auto entries = KHOCHUNG_TRY(services.catalogue.materials(ids));
  KHOCHUNG_CHECK(demand_all(services, identity.viewer, Action::publish, entries));
  const auto note = KHOCHUNG_TRY(words_of(read, "note"));
  const auto kept = KHOCHUNG_TRY(services.disposals.begin(
      ids, note, change_of(request, identity.viewer, pipeline::reason_of("disposal_begun"))));
  auto response = answer(201, KHOCHUNG_TRY(disposal_json(services, kept)), kept.revision);
  response.fields.set("Location", "/api/v1/disposals/" + kept.disposal.id.text());
  return response;
}

/// A document that this person may describe. Errors: not_found; forbidden.
Result<MaterialId> document_from(const Services& services, const access::Viewer& viewer,
                                 const std::string& text) {
  const auto readable = KHOCHUNG_TRY(find_readable(services, text, viewer));
  KHOCHUNG_CHECK(demand_all(services, viewer, Action::edit, {*readable.entry}));
  return readable.entry->material.id;
}

Result<pipeline::Disposals::Step> step_from(const Services& services, const Request& request,
                                            const access::Viewer& viewer) {
  const auto body = KHOCHUNG_TRY(body_of(request));
  const JsonReader read(body);
  pipeline::Disposals::Step step;
  step.state = KHOCHUNG_TRY(disposal_state_from(read.string("state")));
  step.note = KHOCHUNG_TRY(words_of(read, "note"));
  if (const auto document = read.string("document"); !document.empty())
    step.document = KHOCHUNG_TRY(document_from(services, viewer, document));
  return step;
}

/// Approving is for administrators of each owner; the rest for those who may destroy.
Result<Response> step_disposal(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  const auto found = KHOCHUNG_TRY(find_disposal(services, request, identity.viewer));
  const auto expected = KHOCHUNG_TRY(required_revision(request));
  const auto step = KHOCHUNG_TRY(step_from(services, request, identity.viewer));
  const auto action = step.state == DisposalState::approved ? Action::administer : Action::publish;
  const auto entries = KHOCHUNG_TRY(services.disposals.materials_of(found.disposal));
  KHOCHUNG_CHECK(demand_all(services, identity.viewer, action, entries));
  const auto kept = KHOCHUNG_TRY(services.disposals.step(
      found.disposal.id, expected, step,
      change_of(request, identity.viewer, pipeline::reason_of("trail_document"))));
  services.index_bell.ring();
  return answer(200, KHOCHUNG_TRY(disposal_json(services, kept)), kept.revision);
}

// -- erasure

Result<Response> ask_erasure(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  const auto readable =
      KHOCHUNG_TRY(find_readable(services, request.parameter("id"), identity.viewer));
  const auto expected = KHOCHUNG_TRY(required_revision(request));
  KHOCHUNG_CHECK(demand_all(services, identity.viewer, Action::publish, {*readable.entry}));
  const auto body = KHOCHUNG_TRY(body_of(request));
  const JsonReader read(body);
  const auto ground = KHOCHUNG_TRY(words_of(read, "ground"));
  if (ground.empty()) return fail(ErrorCode::bad_input, "reason_missing", "no ground was given");
  if (read.string("minutes").empty())
    return fail(ErrorCode::bad_input, "document_missing", "an erasure needs its minutes");
  const auto minutes =
      KHOCHUNG_TRY(document_from(services, identity.viewer, read.string("minutes")));
  const auto asked = KHOCHUNG_TRY(services.erasures.ask(
      readable.entry->material.id, expected, ground, minutes,
      change_of(request, identity.viewer, pipeline::reason_of("erasure_asked"))));
  return material_answer(KHOCHUNG_TRY(services.catalogue.material(asked.id)), services,
                         identity.viewer);
}

Result<Response> approve_erasure(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  const auto readable =
      KHOCHUNG_TRY(find_readable(services, request.parameter("id"), identity.viewer));
  const auto expected = KHOCHUNG_TRY(required_revision(request));
  KHOCHUNG_CHECK(demand_all(services, identity.viewer, Action::administer, {*readable.entry}));
  const auto outcome = KHOCHUNG_TRY(services.erasures.approve(
      readable.entry->material.id, expected,
      change_of(request, identity.viewer, pipeline::reason_of("erased"))));
  services.index_bell.ring();
  array kept;
  for (const auto& digest : outcome.kept) kept.emplace_back(digest.hex());
  return answer(200,
                object{{"id", outcome.skeleton.id.text()},
                       {"revision", outcome.skeleton.revision},
                       {"erased_files", outcome.blobs},
                       {"erased_revisions", outcome.records},
                       {"kept_for_others", std::move(kept)}},
                outcome.skeleton.revision);
}

}  // namespace

void add_retention_routes(http::Router& router, const Services& services) {
  using enum http::Method;
  const auto add = [&](http::Method method, const char* pattern, http::BodyKind body,
                       auto handler) {
    router.add({method,
                pattern,
                body,
                [&services, handler](const Request& request) { return handler(services, request); },
                {},
                0});
  };
  using enum http::BodyKind;
  add(get, "/api/v1/retention", none, show_table);
  add(put, "/api/v1/retention", small, set_table);
  add(get, "/api/v1/retention/due", none, list_due);
  add(get, "/api/v1/disposals", none, list_disposals);
  add(post, "/api/v1/disposals", small, begin_disposal);
  add(get, "/api/v1/disposals/{id}", none, show_disposal);
  add(post, "/api/v1/disposals/{id}/steps", small, step_disposal);
  add(post, "/api/v1/materials/{id}/erasure", small, ask_erasure);
  add(post, "/api/v1/materials/{id}/erasure/approve", small, approve_erasure);
}

}  // namespace khochung::api
