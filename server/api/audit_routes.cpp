#include <boost/json.hpp>
#include <charconv>

#include "schemas/json_reader.hpp"
#include "server/api/audit_notes.hpp"
#include "server/api/preservation.hpp"
#include "server/api/readable.hpp"
#include "server/api/route_adder.hpp"
#include "server/api/routes.hpp"

namespace khochung::api {
namespace {

using boost::json::array;
using boost::json::object;
using http::Request;
using http::Response;

constexpr std::uint64_t most_entries = 1'000;

std::uint64_t number_or(const Request& request, std::string_view name, std::uint64_t otherwise) {
  const auto text = request.query_value(name);
  std::uint64_t number = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

object entry_json(const storage::AuditEntry& entry) {
  const auto& event = entry.event;
  return {{"seq", event.seq},       {"at", to_rfc3339(event.at)},
          {"by", event.by},         {"from", event.from},
          {"action", event.action}, {"object", event.object},
          {"detail", event.detail}, {"sha256", Digest::of(storage::line_of(entry)).hex()}};
}

Result<Response> list(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(caretaker(services, request));
  const auto from = number_or(request, "from", 1);
  const auto limit = std::clamp<std::uint64_t>(number_or(request, "limit", 100), 1, most_entries);
  array entries;
  for (const auto& entry : KHOCHUNG_TRY(read_audit(
           services, identity.viewer, request.is_local_administrator ? "cli" : "api", from, limit)))
    entries.push_back(entry_json(entry));
  return Response::json(200, boost::json::serialize(object{{"entries", std::move(entries)}}));
}

Result<Response> checkpoint(const Services& services, const Request& request) {
  KHOCHUNG_CHECK(caretaker(services, request));
  auto response = Response::json(200, KHOCHUNG_TRY(services.audit.checkpoint()) + "\n");
  response.fields.set("Cache-Control", "no-store");
  return response;
}

Result<Response> prove(const Services& services, const Request& request) {
  KHOCHUNG_CHECK(services.doorkeeper.identify_for_change(request));
  KHOCHUNG_CHECK(caretaker(services, request));
  boost::json::error_code error;
  const auto body = boost::json::parse(request.body.empty() ? "{}" : request.body, error);
  if (error) return fail(ErrorCode::bad_input, "the body is no JSON");
  const auto verdict = KHOCHUNG_TRY(services.audit.verify(JsonReader(body).string("checkpoint")));
  object json{{"intact", verdict.is_intact()},
              {"entries", verdict.entries},
              {"checkpoints", verdict.checkpoints},
              {"bytes", verdict.bytes},
              {"proven_until", verdict.proven_until},
              {"sentence", storage::sentence_of(verdict, language_of(request))}};
  if (!verdict.is_intact()) {
    json["file"] = verdict.file;
    json["line"] = verdict.line;
    json["seq"] = verdict.seq;
  }
  return Response::json(200, boost::json::serialize(json));
}

Result<Response> change_key(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  KHOCHUNG_CHECK(caretaker(services, request));
  KHOCHUNG_CHECK(services.audit.change_key(identity.viewer.name,
                                           request.is_local_administrator ? "cli" : "api"));
  return checkpoint(services, request);
}

}  // namespace

void add_audit_routes(http::Router& router, const Services& services) {
  const RouteAdder add(router, services);
  add(http::Method::get, "/api/v1/audit", http::BodyKind::none, list);
  add(http::Method::get, "/api/v1/audit/checkpoint", http::BodyKind::none, checkpoint);
  add(http::Method::post, "/api/v1/audit/verify", http::BodyKind::small, prove);
  add(http::Method::post, "/api/v1/audit/key", http::BodyKind::small, change_key);
}

}  // namespace khochung::api
