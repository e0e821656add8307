#pragma once

#include <string>

#include "indexer/kits/kits.hpp"
#include "indexer/pipeline/adoption.hpp"
#include "indexer/pipeline/audit_trail.hpp"
#include "indexer/pipeline/bell.hpp"
#include "indexer/pipeline/bulk_edits.hpp"
#include "indexer/pipeline/disposals.hpp"
#include "indexer/pipeline/erasures.hpp"
#include "indexer/pipeline/garbage.hpp"
#include "indexer/pipeline/index_keeper.hpp"
#include "indexer/pipeline/intake.hpp"
#include "indexer/pipeline/job_runner.hpp"
#include "indexer/pipeline/materials.hpp"
#include "indexer/pipeline/renditions.hpp"
#include "indexer/pipeline/retention.hpp"
#include "indexer/pipeline/scrubber.hpp"
#include "indexer/pipeline/unit_directory.hpp"
#include "indexer/pipeline/vocabularies.hpp"
#include "indexer/search/searcher.hpp"
#include "indexer/search/unit_finder.hpp"
#include "server/access/doorkeeper.hpp"
#include "server/api/recent_readings.hpp"
#include "server/mail/postman.hpp"
#include "storage/accounts/account_store.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/derivatives/derivative_store.hpp"
#include "storage/fixity/checked_blobs.hpp"
#include "storage/records/record_store.hpp"
#include "storage/uploads/upload_store.hpp"

namespace khochung::access {
class IdentityProvider;
}

namespace khochung::api {

/// What handlers work with; built once by the composition root (server/app).
struct Services {
  storage::BlobStore& blobs;
  storage::CheckedBlobs& checked_blobs;   ///< the same, for whom bytes are given to
  storage::ReplicatingBlobStore* copies;  ///< the same; null where there is one copy
  storage::RecordStore& records;
  storage::DerivativeStore& derivatives;
  storage::Catalogue& catalogue;
  storage::AccountStore& accounts;
  storage::UploadStore& uploads;
  pipeline::UnitDirectory& units;
  pipeline::Materials& materials;
  pipeline::Intake& intake;
  pipeline::Renditions& renditions;
  pipeline::JobRunner& jobs;
  pipeline::Bell& index_bell;
  pipeline::IndexKeeper& index;
  pipeline::Scrubber& scrubber;
  pipeline::AuditTrail& audit;
  pipeline::Garbage& garbage;
  pipeline::Retention& retention;
  pipeline::Disposals& disposals;
  pipeline::BulkEdits& bulk_edits;
  pipeline::Vocabularies& vocabularies;
  pipeline::Erasures& erasures;
  pipeline::Adoption& adoption;
  kits::Kits& kits;
  search::Searcher& searcher;
  search::UnitFinder& unit_finder;
  access::Doorkeeper& doorkeeper;
  RecentReadings& recent_readings;
  /// Null where no provider of sign-in is configured.
  access::IdentityProvider* identity_provider;
  mail::Postman* postman;  ///< null where no mail server is configured
  std::string command;     ///< which command owns the data folder
};

/// Whether what waits to be read or found may wait for ever.
inline bool is_stuck(const Services& services) {
  return services.jobs.is_stuck() || services.index.is_stuck();
}

}  // namespace khochung::api
