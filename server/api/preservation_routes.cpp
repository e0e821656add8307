#include <fmt/format.h>

#include <boost/json.hpp>
#include <iterator>

#include "schemas/json_reader.hpp"
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

std::int64_t seconds_of(Instant instant) {
  return std::chrono::duration_cast<std::chrono::seconds>(instant.time_since_epoch()).count();
}

/// Text for Prometheus. Source: its exposition format, version 0.0.4.
class Metrics {
 public:
  template <typename Number>
  void gauge(std::string_view name, std::string_view help, Number value) {
    fmt::format_to(std::back_inserter(text_),
                   "# HELP khochung_{0} {1}\n# TYPE khochung_{0} gauge\nkhochung_{0} {2}\n", name,
                   help, value);
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

Result<Response> metrics(const Services& services, const Request& request) {
  KHOCHUNG_CHECK(caretaker(services, request));
  const auto status = KHOCHUNG_TRY(preservation_status(services));
  const auto& scrub = status.scrub;
  Metrics metrics;
  metrics.gauge("materials", "Materials in the catalogue.", status.totals.materials);
  metrics.gauge("blobs", "Different files in the store.", status.totals.blobs);
  metrics.gauge("blob_bytes", "Bytes of them.", status.totals.bytes);
  metrics.gauge("jobs_queued", "Jobs that wait or are under way.", status.totals.queued_jobs);
  metrics.gauge("blobs_bad", "Files found damaged or missing and not mended (100: or more).",
                status.bad_blobs.size());
  metrics.gauge("scrub_slice", "Slices of 256 that this round has read.", scrub.slice);
  metrics.gauge("scrub_began_seconds", "When this round began.", seconds_of(scrub.began));
  metrics.gauge("scrub_round_ended_seconds", "When the last whole round ended; 0: none yet.",
                scrub.last_round_ended ? seconds_of(*scrub.last_round_ended) : 0);
  metrics.gauge("scrub_damaged", "Damaged in this round and the one before.",
                scrub.damaged + scrub.last_damaged);
  metrics.gauge("scrub_mended", "Mended from a copy in this round and the one before.",
                scrub.mended + scrub.last_mended);
  metrics.gauge("replicas", "Copies of the store beside it.", status.replicas);
  metrics.gauge("replica_slices_behind", "Slices of 256 in which a replica may lack something.",
                status.slices_behind);
  const auto backup_at = instant_from_rfc3339(JsonReader(status.last_backup).string("at"));
  metrics.gauge("backup_seconds", "When the last good backup ended; 0: none yet.",
                backup_at ? seconds_of(*backup_at) : 0);
  metrics.gauge("audit_entries", "Entries of the audit chain.", status.audit_entries);
  return Response::text(200, "text/plain; version=0.0.4; charset=utf-8", metrics.text());
}

}  // namespace

void add_preservation_routes(http::Router& router, const Services& services) {
  const RouteAdder add(router, services);
  add(http::Method::get, "/api/v1/preservation", http::BodyKind::none, show);
  add(http::Method::get, "/metrics", http::BodyKind::none, metrics);
}

}  // namespace khochung::api
