#include "server/app/application.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "indexer/index/rebuild.hpp"
#include "indexer/pipeline/index_feeder.hpp"
#include "indexer/pipeline/index_keeper.hpp"
#include "indexer/pipeline/slow_reader.hpp"
#include "server/api/routes.hpp"
#include "server/app/local_client.hpp"
#include "storage/blobs/disk_store.hpp"
#include "storage/durable_file.hpp"

namespace khochung::app {

/// Every part, in the order in which it is made.
struct Application::Parts {
  std::optional<DataFolderLock> lock;
  storage::SyncGroup sync;
  std::unique_ptr<storage::DiskBlobStore> blobs;
  std::optional<storage::RecordStore> records;
  std::optional<storage::DerivativeStore> derivatives;
  std::unique_ptr<storage::Catalogue> catalogue;
  std::unique_ptr<storage::AccountStore> accounts;
  std::optional<pipeline::AuditTrail> audit;
  std::unique_ptr<pipeline::UnitDirectory> units;
  std::optional<pipeline::Materials> materials;
  std::optional<workers::WorkerHost> workers;
  std::optional<pipeline::QuickReader> quick_reader;
  std::optional<pipeline::Intake> intake;
  std::optional<pipeline::Renditions> renditions;
  std::optional<pipeline::Places> places;
  std::optional<pipeline::SlowReader> slow_reader;
  pipeline::Bell index_bell;
  std::optional<pipeline::JobRunner> jobs;
  std::optional<pipeline::IndexKeeper> index;
  std::optional<storage::FixityCheck> fixity;
  std::optional<pipeline::Scrubber> scrubber;
  std::optional<pipeline::Garbage> garbage;
  std::optional<pipeline::Adoption> adoption;
  std::optional<search::Searcher> searcher;
  std::optional<access::Doorkeeper> doorkeeper;
  std::optional<api::Services> services;
  http::Router router;
};

namespace {

/// An empty catalogue over a store that has records is one that was lost: going on would begin a
/// second archive in the same store.
Result<void> refuse_lost_catalogue(const storage::Catalogue& catalogue,
                                   const storage::RecordStore& records) {
  if (!KHOCHUNG_TRY(catalogue.units()).empty() || !KHOCHUNG_TRY(records.has_any())) return {};
  if (!KHOCHUNG_TRY(catalogue.owed_records(1)).empty()) return {};
  return fail(ErrorCode::corrupt, "needs_rebuild", "the store has records, the catalogue has none");
}

}  // namespace

Application::Application(Options options)
    : options_(std::move(options)), parts_(std::make_unique<Parts>()) {}

Result<std::unique_ptr<Application>> Application::start(Options options) {
  std::unique_ptr<Application> application(new Application(std::move(options)));
  const auto& paths = application->options_.paths;
  auto& parts = *application->parts_;

  parts.lock.emplace(KHOCHUNG_TRY(DataFolderLock::acquire(paths)));
  // The store: the truth.
  parts.blobs = KHOCHUNG_TRY(storage::DiskBlobStore::open(paths.blobs(), parts.sync, {}));
  parts.records.emplace(paths.records(), parts.sync);
  // What is derived from it, and what stands beside it.
  parts.derivatives.emplace(paths.derived());
  parts.catalogue = KHOCHUNG_TRY(storage::Catalogue::open(paths.catalogue()));
  parts.accounts = KHOCHUNG_TRY(storage::AccountStore::open(paths.accounts()));
  KHOCHUNG_CHECK(refuse_lost_catalogue(*parts.catalogue, *parts.records));
  auto& audit = parts.audit.emplace(paths.audit(), paths.audit_key(), *parts.catalogue);
  KHOCHUNG_CHECK(audit.open());
  parts.materials.emplace(*parts.catalogue, *parts.records);
  KHOCHUNG_CHECK(parts.materials->settle());
  parts.units = KHOCHUNG_TRY(pipeline::UnitDirectory::open(*parts.catalogue, *parts.records,
                                                           application->options_.first_unit));
  KHOCHUNG_CHECK(parts.catalogue->release_claims());
  // Reading.
  parts.workers.emplace(application->options_.programs, paths.scratch());
  parts.quick_reader.emplace(*parts.workers);
  parts.intake.emplace(*parts.catalogue, *parts.derivatives, *parts.materials, *parts.units,
                       *parts.quick_reader);
  parts.renditions.emplace(*parts.blobs, *parts.derivatives, *parts.workers);
  parts.places.emplace(std::max(1, application->options_.ocr_threads));
  parts.slow_reader.emplace(pipeline::SlowReader::Rooms{
      *parts.blobs, *parts.derivatives, *parts.catalogue, *parts.workers, *parts.quick_reader,
      *parts.renditions, *parts.materials, *parts.units, *parts.intake, *parts.places});
  // Finding.
  auto& index = parts.index.emplace(paths.index(), *parts.catalogue, *parts.derivatives,
                                    *parts.units, parts.index_bell);
  KHOCHUNG_CHECK(index.open());
  parts.searcher.emplace(paths.index());
  // Keeping.
  const auto& fixity =
      parts.fixity.emplace(*parts.blobs, *parts.records, *parts.derivatives, *parts.catalogue);
  auto& scrubber = parts.scrubber.emplace(fixity, *parts.catalogue);
  auto& garbage = parts.garbage.emplace(pipeline::Garbage::Rooms{
      *parts.blobs, *parts.records, *parts.derivatives, *parts.catalogue, *parts.intake, audit});
  auto& adoption = parts.adoption.emplace(
      pipeline::Adoption::Rooms{*parts.blobs, *parts.records, *parts.derivatives, *parts.catalogue,
                                *parts.units, *parts.materials, *parts.intake, audit});
  // Answering.
  auto& jobs = parts.jobs.emplace(*parts.catalogue, *parts.slow_reader, parts.index_bell);
  parts.doorkeeper.emplace(*parts.accounts, *parts.units);
  parts.services.emplace(api::Services{
      *parts.blobs, *parts.records, *parts.derivatives, *parts.catalogue, *parts.accounts,
      *parts.units, *parts.materials, *parts.intake, *parts.renditions, *parts.jobs,
      parts.index_bell, *parts.index, scrubber, audit, garbage, adoption, *parts.searcher,
      *parts.doorkeeper, application->options_.command});
  api::add_search_routes(parts.router, *parts.services);
  api::add_material_routes(parts.router, *parts.services);
  api::add_history_routes(parts.router, *parts.services);
  api::add_intake_routes(parts.router, *parts.services);
  api::add_people_routes(parts.router, *parts.services);
  api::add_exchange_routes(parts.router, *parts.services);
  api::add_upkeep_routes(parts.router, *parts.services);
  api::add_audit_routes(parts.router, *parts.services);
  pages::add_page_routes(parts.router, *parts.services, application->options_.site);

  audit.start();
  index.start();
  jobs.start({1, application->options_.ocr_threads});
  if (application->options_.scrub) scrubber.start(*application->options_.scrub);
  return application;
}

Application::~Application() {
  auto& parts = *parts_;
  if (parts.scrubber) parts.scrubber->stop();
  if (parts.jobs) parts.jobs->stop();
  if (parts.index) parts.index->stop();
  if (parts.audit) parts.audit->stop();
}

const http::Router& Application::router() const {
  return parts_->router;
}

std::unique_ptr<Client> Application::local_client() {
  return std::make_unique<LocalClient>(parts_->router);
}

}  // namespace khochung::app
