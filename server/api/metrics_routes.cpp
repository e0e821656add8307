#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "schemas/json_reader.hpp"
#include "server/api/metrics_text.hpp"
#include "server/api/preservation.hpp"
#include "server/api/routes.hpp"

namespace khochung::api {
namespace {

using http::Request;
using http::Response;

double number(std::integral auto value) {
  return static_cast<double>(value);
}

double seconds_of(std::optional<Instant> instant) {
  return instant ? std::chrono::duration<double>(instant->time_since_epoch()).count() : 0;
}

void add_store(MetricsText& text, const PreservationStatus& status) {
  const auto& scrub = status.scrub;
  text.gauge("khochung_materials", "Materials in the catalogue.", number(status.totals.materials));
  text.gauge("khochung_blobs", "Different files in the store.", number(status.totals.blobs));
  text.gauge("khochung_blob_bytes", "Bytes of them.", number(status.totals.bytes));
  text.gauge("khochung_blobs_bad", "Files found damaged or missing and not mended (100: or more).",
             number(status.bad_blobs.size()));
  text.gauge("khochung_scrub_slice", "Slices of 256 that this round has read.",
             number(scrub.slice));
  text.gauge("khochung_scrub_began_seconds", "When this round began.", seconds_of(scrub.began));
  text.gauge("khochung_scrub_round_ended_seconds", "When the last whole round ended; 0: none yet.",
             seconds_of(scrub.last_round_ended));
  text.gauge("khochung_scrub_damaged", "Damaged in this round and the one before.",
             number(scrub.damaged + scrub.last_damaged));
  text.gauge("khochung_scrub_mended", "Mended from a copy in this round and the one before.",
             number(scrub.mended + scrub.last_mended));
  text.gauge("khochung_replicas", "Copies of the store beside it.", number(status.replicas));
  text.gauge("khochung_replica_slices_behind",
             "Slices of 256 in which a replica may lack something.", number(status.slices_behind));
  const auto backup = instant_from_rfc3339(JsonReader(status.last_backup).string("at"));
  text.gauge("khochung_backup_seconds", "When the last good backup ended; 0: none yet.",
             backup ? seconds_of(*backup) : 0);
  text.gauge("khochung_audit_entries", "Entries of the audit chain.", number(status.audit_entries));
}

Result<void> add_queues(MetricsText& text, const Services& services,
                        const PreservationStatus& status) {
  text.gauge("khochung_jobs_queued", "Jobs that wait or are under way.",
             number(status.totals.queued_jobs));
  text.family("khochung_jobs", "gauge",
              "Jobs by lane: due now, or held (under way, or to be tried again later).");
  for (const auto& length : KHOCHUNG_TRY(services.catalogue.queue_lengths())) {
    text.sample(number(length.jobs),
                {{"lane", length.lane == storage::Lane::quick ? "quick" : "slow"},
                 {"state", length.is_due ? "due" : "held"}});
  }
  const auto marks = KHOCHUNG_TRY(services.catalogue.marks());
  text.gauge("khochung_index_backlog", "Changes that the index does not hold yet.",
             number(marks.newest - marks.indexed));
  text.gauge("khochung_stuck", "1: what waits may wait for ever.", is_stuck(services) ? 1 : 0);
  return {};
}

Result<void> add_mail(MetricsText& text, const mail::Postman* postman) {
  if (postman == nullptr) return {};
  const auto& counts = postman->counts();
  text.gauge("khochung_mail_queued", "Mails that wait to be sent.",
             number(KHOCHUNG_TRY(postman->queue().length())));
  text.counter("khochung_mail_sent_total", "Mails that the mail server took.",
               number(counts.sent.load()));
  text.counter("khochung_mail_postponed_total", "Times that a mail was put off.",
               number(counts.postponed.load()));
  text.counter("khochung_mail_refused_total", "Mails that the mail server refused for good.",
               number(counts.refused.load()));
  text.counter("khochung_mail_given_up_total", "Mails that could not be sent for three days.",
               number(counts.given_up.load()));
  return {};
}

/// A route's pattern stands for all of its addresses: what people ask for is no label.
void add_requests(MetricsText& text, const http::Router& router, const http::Occupancy& occupancy) {
  text.gauge("khochung_http_connections", "Connections that are open.",
             number(occupancy.connections.load()));
  text.family("khochung_http_request_seconds", "histogram",
              "Requests, from their first byte to the last of the answer, by route.");
  const auto add = [&text](const http::RouteTraffic& traffic, std::string_view route,
                           std::string_view method) {
    for (std::size_t status = 1; status <= http::RouteTraffic::classes; ++status) {
      text.histogram(
          traffic.histogram(status),
          {{"route", route}, {"method", method}, {"status", fmt::format("{}xx", status)}});
    }
  };
  for (const auto& route : router.routes())
    add(*route.traffic, route.pattern, http::to_text(route.method));
  add(occupancy.unrouted, "", "");
}

/// Resident pages, from /proc/self/statm. Source: proc(5).
double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double all = 0;
  double resident = 0;
  statm >> all >> resident;
  return resident * number(::sysconf(_SC_PAGESIZE));
}

double open_descriptors() {
  std::error_code error;
  const std::filesystem::directory_iterator entries("/proc/self/fd", error);
  // The iterator has one itself.
  return error ? 0 : number(std::distance(begin(entries), end(entries)) - 1);
}

/// Names as Prometheus' own clients give them.
void add_process(MetricsText& text) {
  text.gauge("process_resident_memory_bytes", "Resident memory size in bytes.", resident_bytes());
  text.gauge("process_open_fds", "Number of open file descriptors.", open_descriptors());
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
    text.gauge("process_max_fds", "Maximum number of open file descriptors.",
               number(limit.rlim_cur));
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return;
  const auto seconds = number(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                       number(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1'000'000;
  text.counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
               seconds);
}

Result<Response> metrics(const Services& services, const http::Router& router,
                         const http::Occupancy& occupancy, const Request& request) {
  KHOCHUNG_CHECK(caretaker(services, request));
  const auto status = KHOCHUNG_TRY(preservation_status(services));
  MetricsText text;
  add_store(text, status);
  KHOCHUNG_CHECK(add_queues(text, services, status));
  KHOCHUNG_CHECK(add_mail(text, services.postman));
  add_requests(text, router, occupancy);
  add_process(text);
  return Response::text(200, "text/plain; version=0.0.4; charset=utf-8", text.text());
}

}  // namespace

void add_metrics_routes(http::Router& router, const Services& services,
                        const http::Occupancy& occupancy) {
  const auto answer = [&](const Request& request) {
    return metrics(services, router, occupancy, request);
  };
  router.add({http::Method::get, "/metrics", http::BodyKind::none, answer, {}, 0});
}

}  // namespace khochung::api
