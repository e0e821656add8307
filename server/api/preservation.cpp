#include "server/api/preservation.hpp"

#include <boost/json.hpp>

namespace khochung::api {
namespace {

using boost::json::array;
using boost::json::object;

constexpr int most_bad_blobs = 100;

object to_json(const storage::FixityResult& blob) {
  return {
      {"sha256", blob.sha256.hex()},
      {"size_bytes", blob.size_bytes},
      {"state", storage::to_text(blob.state)},
      {"checked_at", blob.checked_at ? boost::json::value(to_rfc3339(*blob.checked_at)) : nullptr}};
}

}  // namespace

Result<PreservationStatus> preservation_status(const Services& services) {
  PreservationStatus status;
  status.totals = KHOCHUNG_TRY(services.catalogue.totals());
  status.scrub = KHOCHUNG_TRY(services.scrubber.state());
  status.scrub_period = services.scrubber.settings().period;
  status.bad_blobs = KHOCHUNG_TRY(services.catalogue.bad_blobs(most_bad_blobs));
  if (services.copies != nullptr) {
    status.replicas = static_cast<int>(services.copies->replica_count());
    status.slices_behind = static_cast<int>(services.copies->behind().count());
  }
  boost::json::error_code error;
  status.last_backup = boost::json::parse(KHOCHUNG_TRY(services.catalogue.upkeep("backup")), error);
  status.audit_entries = KHOCHUNG_TRY(services.catalogue.audit_seq());
  return status;
}

object to_json(const PreservationStatus& status) {
  array bad_blobs;
  for (const auto& blob : status.bad_blobs) bad_blobs.push_back(to_json(blob));
  auto scrub = pipeline::to_json(status.scrub);
  scrub.as_object()["slices"] = 256;
  scrub.as_object()["period_days"] = status.scrub_period.count() / 24;
  return {{"materials", status.totals.materials},
          {"blobs", status.totals.blobs},
          {"bytes", status.totals.bytes},
          {"scrub", std::move(scrub)},
          {"bad_blobs", std::move(bad_blobs)},
          {"replicas", object{{"count", status.replicas}, {"slices_behind", status.slices_behind}}},
          {"last_backup", status.last_backup},
          {"audit_entries", status.audit_entries}};
}

bool is_caretaker(const Services& services, const access::Viewer& viewer) {
  if (viewer.kind == access::AccountKind::local_administrator) return true;
  const auto tree = services.units.tree();
  return tree->root() != nullptr &&
         access::role_at(viewer, tree->root()->number, *tree) == access::Role::administrator;
}

Result<access::Identity> caretaker(const Services& services, const http::Request& request) {
  auto identity = KHOCHUNG_TRY(services.doorkeeper.identify(request));
  if (is_caretaker(services, identity.viewer)) return identity;
  return fail(ErrorCode::forbidden, "this is for administrators of the whole tree");
}

}  // namespace khochung::api
