#include <unistd.h>

#include <boost/json.hpp>
#include <charconv>

#include "server/api/preservation.hpp"
#include "server/api/route_adder.hpp"
#include "server/api/routes.hpp"

namespace khochung::api {
namespace {

using boost::json::array;
using boost::json::object;
using http::BodyKind;
using http::Method;
using http::Request;
using http::Response;

constexpr int slices = 256;

/// What a power cut left of a derivative is not damage: it was being made, and is made again.
array damages_json(const std::vector<storage::Damage>& damages, bool are_torn) {
  array json;
  for (const auto& damage : damages) {
    if ((damage.kind == "torn") != are_torn) continue;
    object one{{"kind", damage.kind}, {"id", damage.id}, {"path", damage.path}};
    for (const auto& [name, digest] :
         {std::pair("expected", &damage.expected), std::pair("found", &damage.found)})
      one[name] = digest->empty() ? boost::json::value(nullptr) : boost::json::value(*digest);
    json.push_back(std::move(one));
  }
  return json;
}

/// `fast` looks at names and lengths alone; `since` passes over what was found good since then.
Result<storage::FixityOptions> fixity_options(const Request& request) {
  storage::FixityOptions options;
  if (request.query_value("fast") == "1")
    options.reading = storage::FixityOptions::Reading::nothing;
  if (const auto since = request.query_value("since"); !since.empty())
    options.unless_checked_since = KHOCHUNG_TRY(instant_from_rfc3339(since));
  return options;
}

/// The slice after the one that a client had last. Errors: forbidden; bad_input.
Result<int> slice_for_owner(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  if (identity.viewer.kind != access::AccountKind::local_administrator)
    return fail(ErrorCode::forbidden, "this is for the owner of the data folder");
  const auto after = request.query_value("after");
  int slice = -1;
  if (!after.empty()) std::from_chars(after.data(), after.data() + after.size(), slice);
  ++slice;
  if (slice < 0 || slice >= slices) return fail(ErrorCode::bad_input, "after is a slice: 0 to 254");
  return slice;
}

std::string next_after(int slice) {
  return slice + 1 == slices ? "" : std::to_string(slice);
}

/// Removes bytes that nothing keeps, a slice a request.
Result<Response> collect_garbage(const Services& services, const Request& request) {
  const auto slice = KHOCHUNG_TRY(slice_for_owner(services, request));
  pipeline::Garbage::Options options;
  options.by = "local";
  options.only_tells = request.query_value("only_tells") == "1";
  if (const auto days = request.query_value("grace_days"); !days.empty()) {
    int number = -1;
    std::from_chars(days.data(), days.data() + days.size(), number);
    if (number < 0) return fail(ErrorCode::bad_input, "grace_days is a number from 0");
    options.grace = std::chrono::hours(24) * number;
  }
  const auto report =
      KHOCHUNG_TRY(services.garbage.collect(static_cast<std::uint8_t>(slice), options));
  return Response::json(200, boost::json::serialize(object{{"removed", report.removed},
                                                           {"bytes", report.bytes},
                                                           {"orphans", report.orphans},
                                                           {"slice", slice},
                                                           {"slices", slices},
                                                           {"next", next_after(slice)}}));
}

/// The whole store in 256 requests, so that a client shows how far it is and nothing holds a thread
/// for hours.
Result<Response> verify(const Services& services, const Request& request) {
  const auto slice = KHOCHUNG_TRY(slice_for_owner(services, request));
  const auto options = KHOCHUNG_TRY(fixity_options(request));
  const auto report =
      KHOCHUNG_TRY(services.scrubber.check(static_cast<std::uint8_t>(slice), options));
  object json{{"checked", report.checked},
              {"bytes", report.bytes},
              {"corrupt", damages_json(report.corrupt, false)},
              {"missing", damages_json(report.missing, false)},
              {"mended", damages_json(report.mended, false)},
              {"made_again", damages_json(report.corrupt, true)},
              {"slice", slice},
              {"slices", slices}};
  json["next"] = next_after(slice);
  return Response::json(200, boost::json::serialize(json));
}

Result<Response> rebuild_index(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  if (identity.viewer.kind != access::AccountKind::local_administrator)
    return fail(ErrorCode::forbidden, "rebuild is for the owner");
  const auto begin = std::chrono::steady_clock::now();
  const auto totals = KHOCHUNG_TRY(services.index.rebuild());
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begin);
  return Response::json(200, boost::json::serialize(object{{"materials", totals.documents},
                                                           {"bytes", totals.bytes},
                                                           {"took_ms", took.count()}}));
}

/// Who owns the folder; for commands that come second.
/// For the commands of whoever owns the data folder: how much there is, is not everybody's to know.
Result<Response> status(const Services& services, const Request& request) {
  KHOCHUNG_CHECK(caretaker(services, request));
  const auto totals = KHOCHUNG_TRY(services.catalogue.totals());
  const auto marks = KHOCHUNG_TRY(services.catalogue.marks());
  return Response::json(
      200, boost::json::serialize(object{{"command", services.command},
                                         {"pid", ::getpid()},
                                         {"materials", totals.materials},
                                         {"queued_jobs", totals.queued_jobs},
                                         {"has_more_to_index", marks.indexed < marks.newest},
                                         {"is_stuck", is_stuck(services)},
                                         {"indexed", services.index.built()}}));
}

Result<Response> health(const Services&, const Request&) {
  return Response::json(200, R"({"status":"ok"})");
}

/// How much there is, those are told who keep the archive.
Result<Response> readiness(const Services& services, const Request& request) {
  const auto totals = KHOCHUNG_TRY(services.catalogue.totals());
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify(request));
  if (!is_caretaker(services, identity.viewer)) return Response::json(200, R"({"status":"ok"})");
  return Response::json(200, boost::json::serialize(object{{"status", "ok"},
                                                           {"materials", totals.materials},
                                                           {"blobs", totals.blobs},
                                                           {"bytes", totals.bytes},
                                                           {"queued_jobs", totals.queued_jobs}}));
}

}  // namespace

void add_upkeep_routes(http::Router& router, const Services& services) {
  const RouteAdder add(router, services);
  add(Method::post, "/api/v1/verify", BodyKind::small, verify);
  add(Method::post, "/api/v1/gc", BodyKind::small, collect_garbage);
  add(Method::post, "/api/v1/rebuild-index", BodyKind::small, rebuild_index);
  add(Method::get, "/api/v1/status", BodyKind::none, status);
  add(Method::get, "/healthz", BodyKind::none, health);
  add(Method::get, "/readyz", BodyKind::none, readiness);
}

}  // namespace khochung::api
