#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "server/api/services.hpp"

namespace khochung::api {

/// How what is stored is kept: what the last checks found, copies and backups, the audit chain.
struct PreservationStatus {
  storage::Totals totals;
  pipeline::ScrubState scrub;
  std::chrono::hours scrub_period{};
  std::vector<storage::FixityResult> bad_blobs;  ///< damaged or missing, at most 100
  int replicas = 0;
  int slices_behind = 0;           ///< of 256: in which a replica may lack something
  boost::json::value last_backup;  ///< as the backup noted it; null: none yet
  std::int64_t audit_entries = 0;
};

/// Errors: unavailable.
Result<PreservationStatus> preservation_status(const Services& services);

boost::json::object to_json(const PreservationStatus& status);

/// Administrators of the whole tree, and whoever holds the data folder.
bool is_caretaker(const Services& services, const access::Viewer& viewer);

/// The one who asks, when a caretaker. Errors: forbidden.
Result<access::Identity> caretaker(const Services& services, const http::Request& request);

}  // namespace khochung::api
