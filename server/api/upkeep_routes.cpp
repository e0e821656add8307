#include <unistd.h>

#include <boost/json.hpp>
#include <charconv>

#include "server/api/routes.hpp"
#include "storage/blobs/verify.hpp"

namespace khochung::api {
namespace {

using boost::json::array;
using boost::json::object;
using http::BodyKind;
using http::Method;
using http::Request;
using http::Response;

constexpr int slices = 256;

/// What one slice of the store showed.
struct FixityReport {
  std::int64_t checked = 0;
  std::int64_t bytes = 0;
  array corrupt;
  array missing;
};

Result<void> reread_blob(const Services& services, const Digest& sha256, FixityReport& report) {
  const auto fixity = KHOCHUNG_TRY(storage::reread(services.blobs, sha256));
  ++report.checked;
  report.bytes += static_cast<std::int64_t>(fixity.size_bytes);
  if (fixity.is_intact(sha256)) return {};
  report.corrupt.push_back(object{{"kind", "blob"},
                                  {"id", sha256.hex()},
                                  {"path", services.blobs.location(sha256)},
                                  {"expected", sha256.hex()},
                                  {"found", fixity.found.hex()}});
  return {};
}

Result<void> check_blobs(const Services& services, std::uint8_t slice, FixityReport& report) {
  Result<void> outcome;
  std::vector<Digest> there;
  KHOCHUNG_CHECK(services.blobs.for_each_in(slice, [&](const storage::BlobInfo& blob) {
    there.push_back(blob.sha256);
    outcome = reread_blob(services, blob.sha256, report);
    return outcome.has_value();
  }));
  KHOCHUNG_CHECK(outcome);
  std::ranges::sort(there);
  for (const auto& expected : KHOCHUNG_TRY(services.catalogue.fixity_in(slice))) {
    const auto& sha256 = expected.sha256;
    if (std::ranges::binary_search(there, sha256)) continue;
    report.missing.push_back(
        object{{"kind", "blob"}, {"id", sha256.hex()}, {"path", services.blobs.location(sha256)}});
  }
  return {};
}

Result<void> check_records(const Services& services, std::uint8_t slice, FixityReport& report) {
  return services.records.for_each_in(slice, [&](const storage::RecordStore::Found& found) {
    ++report.checked;
    if (storage::RecordStore::read(found)) return true;
    report.corrupt.push_back(object{{"kind", "record"},
                                    {"id", found.id.text()},
                                    {"path", found.path.string()},
                                    {"expected", found.seal.hex()},
                                    {"found", nullptr}});
    return true;
  });
}

/// The whole store in 256 requests, so that a client shows how far it is and nothing holds a thread
/// for hours.
Result<Response> verify(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  if (identity.viewer.kind != access::AccountKind::local_administrator)
    return fail(ErrorCode::forbidden, "verify is for the owner");
  const auto after = request.query_value("after");
  int slice = -1;
  if (!after.empty()) std::from_chars(after.data(), after.data() + after.size(), slice);
  ++slice;
  if (slice < 0 || slice >= slices) return fail(ErrorCode::bad_input, "after is a slice: 0 to 254");
  FixityReport report;
  KHOCHUNG_CHECK(check_blobs(services, static_cast<std::uint8_t>(slice), report));
  KHOCHUNG_CHECK(check_records(services, static_cast<std::uint8_t>(slice), report));
  object json{{"checked", report.checked},
              {"bytes", report.bytes},
              {"corrupt", std::move(report.corrupt)},
              {"missing", std::move(report.missing)},
              {"slice", slice},
              {"slices", slices}};
  json["next"] = slice + 1 == slices ? "" : std::to_string(slice);
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
Result<Response> status(const Services& services, const Request&) {
  const auto totals = KHOCHUNG_TRY(services.catalogue.totals());
  const auto marks = KHOCHUNG_TRY(services.catalogue.marks());
  return Response::json(
      200, boost::json::serialize(object{{"command", services.command},
                                         {"pid", ::getpid()},
                                         {"materials", totals.materials},
                                         {"queued_jobs", totals.queued_jobs},
                                         {"has_more_to_index", marks.indexed < marks.newest},
                                         {"indexed", services.index.built()}}));
}

Result<Response> health(const Services&, const Request&) {
  return Response::json(200, R"({"status":"ok"})");
}

Result<Response> readiness(const Services& services, const Request&) {
  const auto totals = KHOCHUNG_TRY(services.catalogue.totals());
  return Response::json(200, boost::json::serialize(object{{"status", "ok"},
                                                           {"materials", totals.materials},
                                                           {"blobs", totals.blobs},
                                                           {"bytes", totals.bytes},
                                                           {"queued_jobs", totals.queued_jobs}}));
}

}  // namespace

void add_upkeep_routes(http::Router& router, const Services& services) {
  const auto add = [&](Method method, const char* pattern, BodyKind body, auto handler) {
    router.add({method,
                pattern,
                body,
                [&services, handler](const Request& request) { return handler(services, request); },
                {},
                0});
  };
  add(Method::post, "/api/v1/verify", BodyKind::small, verify);
  add(Method::post, "/api/v1/rebuild-index", BodyKind::small, rebuild_index);
  add(Method::get, "/api/v1/status", BodyKind::none, status);
  add(Method::get, "/healthz", BodyKind::none, health);
  add(Method::get, "/readyz", BodyKind::none, readiness);
}

}  // namespace khochung::api
