#pragma once

#include <string>

#include "indexer/pipeline/adoption.hpp"
#include "indexer/pipeline/audit_trail.hpp"
#include "indexer/pipeline/bell.hpp"
#include "indexer/pipeline/garbage.hpp"
#include "indexer/pipeline/index_keeper.hpp"
#include "indexer/pipeline/intake.hpp"
#include "indexer/pipeline/job_runner.hpp"
#include "indexer/pipeline/materials.hpp"
#include "indexer/pipeline/renditions.hpp"
#include "indexer/pipeline/scrubber.hpp"
#include "indexer/pipeline/unit_directory.hpp"
#include "indexer/search/searcher.hpp"
#include "server/access/doorkeeper.hpp"
#include "storage/accounts/account_store.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/derivatives/derivative_store.hpp"
#include "storage/records/record_store.hpp"

namespace khochung::api {

/// What handlers work with; built once by the composition root (server/app).
struct Services {
  storage::BlobStore& blobs;
  storage::RecordStore& records;
  storage::DerivativeStore& derivatives;
  storage::Catalogue& catalogue;
  storage::AccountStore& accounts;
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
  pipeline::Adoption& adoption;
  search::Searcher& searcher;
  access::Doorkeeper& doorkeeper;
  std::string command;  ///< which command owns the data folder
};

}  // namespace khochung::api
