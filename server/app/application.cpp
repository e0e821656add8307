#include "server/app/application.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "indexer/index/rebuild.hpp"
#include "indexer/pipeline/catalogue_rebuild.hpp"
#include "indexer/pipeline/copy_keeper.hpp"
#include "indexer/pipeline/index_feeder.hpp"
#include "indexer/pipeline/index_keeper.hpp"
#include "indexer/pipeline/slow_reader.hpp"
#include "server/api/backup_routes.hpp"
#include "server/api/invitations.hpp"
#include "server/api/routes.hpp"
#include "server/app/blob_stores.hpp"
#include "server/app/catalogue_swap.hpp"
#include "server/app/config.hpp"
#include "server/app/identity_provider.hpp"
#include "server/app/local_client.hpp"
#include "server/app/mail_server.hpp"
#include "server/delivery/routes.hpp"
#include "server/pages/notice_site.hpp"
#include "server/pages/press_site.hpp"
#include "server/pages/privacy_site.hpp"
#include "server/pages/recovery_site.hpp"
#include "storage/durable_file.hpp"

namespace khochung::app {

/// Every part, in the order in which it is made.
struct Application::Parts {
  std::optional<DataFolderLock> lock;
  storage::SyncGroup sync;
  std::optional<BlobStores> stores;
  std::optional<storage::RecordStore> records;
  std::optional<storage::DerivativeStore> derivatives;
  std::unique_ptr<storage::Catalogue> catalogue;
  std::unique_ptr<storage::AccountStore> accounts;
  std::unique_ptr<storage::UploadStore> uploads;
  std::optional<pipeline::AuditTrail> audit;
  std::optional<pipeline::OwedRecords> owed_records;
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
  std::optional<storage::CheckedBlobs> checked_blobs;
  std::optional<storage::FixityCheck> fixity;
  std::optional<pipeline::CopyKeeper> copy_keeper;
  std::optional<pipeline::Scrubber> scrubber;
  std::optional<pipeline::RecordWriter> record_writer;
  std::optional<pipeline::Retention> retention;
  std::optional<pipeline::Disposals> disposals;
  std::optional<pipeline::BulkEdits> bulk_edits;
  std::optional<pipeline::Vocabularies> vocabularies;
  std::optional<pipeline::Erasures> erasures;
  std::optional<pipeline::Garbage> garbage;
  std::optional<pipeline::Adoption> adoption;
  std::optional<kits::Kits> kits;
  std::optional<search::Searcher> searcher;
  search::UnitFinder unit_finder;
  std::optional<access::Doorkeeper> doorkeeper;
  api::RecentReadings recent_readings;
  std::optional<access::IdentityProvider> identity_provider;
  std::optional<mail::Postman> postman;
  std::optional<api::Services> services;
  http::Occupancy occupancy;
  http::Router router;
};

namespace {

/// Damage of a blob is told in the log and in the audit chain.
void tell_damage(pipeline::AuditTrail& audit, const Digest& sha256, bool is_mended) {
  spdlog::error("blob {} was damaged: {}", sha256.hex(),
                is_mended ? "mended from another copy" : "no good copy is known");
  storage::AuditEvent event;
  event.by = "system";
  event.from = "store";
  event.action = is_mended ? "blob.mend" : "blob.damage";
  event.object = sha256.hex();
  if (const auto noted = audit.note(std::move(event)); !noted)
    spdlog::error("this is not in the audit chain: {}", noted.error().message);
}

/// An empty catalogue over a store that has records is one that was lost: going on would begin a
/// second archive in the same store. So is one whose rebuild in place was cut off.
Result<void> refuse_lost_catalogue(const storage::Catalogue& catalogue,
                                   const storage::RecordStore& records) {
  if (KHOCHUNG_TRY(pipeline::CatalogueRebuild::is_under_way(catalogue)))
    return fail(ErrorCode::corrupt, "needs_rebuild", "a rebuild of the catalogue was cut off");
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
  KHOCHUNG_CHECK(put_catalogue_in_place(paths, parts.sync));
  // The store: the truth.
  const auto config = KHOCHUNG_TRY(Config::read(paths.config()));
  // The catalogue, which knows what was checked when, is opened later.
  parts.stores =
      KHOCHUNG_TRY(BlobStores::open(paths, config, parts.sync, [&parts](const auto& sha256) {
        return parts.checked_blobs && parts.checked_blobs->is_fresh(sha256);
      }));
  auto& blobs = parts.stores->blobs();
  parts.records.emplace(paths.records(), parts.sync);
  // What is derived from it, and what stands beside it.
  parts.derivatives.emplace(paths.derived());
  parts.catalogue = KHOCHUNG_TRY(storage::Catalogue::open(config.catalogue_location(paths)));
  KHOCHUNG_CHECK(parts.catalogue->own_index());
  parts.accounts =
      KHOCHUNG_TRY(storage::AccountStore::open(paths.accounts(), now, config.accounts));
  parts.uploads = KHOCHUNG_TRY(storage::UploadStore::open(paths.uploads(), config.uploads));
  KHOCHUNG_CHECK(refuse_lost_catalogue(*parts.catalogue, *parts.records));
  auto& audit = parts.audit.emplace(paths.audit(), paths.audit_key(), *parts.catalogue);
  KHOCHUNG_CHECK(audit.open());
  auto& owed = parts.owed_records.emplace(*parts.catalogue, *parts.records);
  // A record that does not follow the store's is named in the log, and keeps nobody from the
  // others.
  if (const auto settled = owed.settle(); !settled && settled.error().code != ErrorCode::conflict)
    return fail(settled.error());
  parts.materials.emplace(*parts.catalogue, *parts.records, owed);
  parts.units = KHOCHUNG_TRY(pipeline::UnitDirectory::open(*parts.catalogue, *parts.records, owed,
                                                           application->options_.first_unit));
  KHOCHUNG_CHECK(parts.catalogue->release_claims());
  // Reading.
  parts.workers.emplace(application->options_.programs, paths.scratch());
  parts.quick_reader.emplace(*parts.workers);
  auto& writer = parts.record_writer.emplace(*parts.catalogue, *parts.records, owed);
  auto& vocabularies = parts.vocabularies.emplace(writer);
  parts.intake.emplace(*parts.catalogue, *parts.derivatives, *parts.materials, *parts.units,
                       vocabularies, *parts.quick_reader);
  parts.renditions.emplace(blobs, *parts.derivatives, *parts.workers);
  parts.places.emplace(std::max(1, application->options_.ocr_threads));
  parts.slow_reader.emplace(pipeline::SlowReader::Rooms{
      blobs, *parts.derivatives, *parts.catalogue, *parts.workers, *parts.quick_reader,
      *parts.renditions, *parts.materials, *parts.units, *parts.intake, *parts.places});
  // Finding.
  auto& index = parts.index.emplace(paths.index(), *parts.catalogue, *parts.derivatives,
                                    *parts.units, parts.index_bell);
  KHOCHUNG_CHECK(index.open());
  parts.searcher.emplace(paths.index());
  // Keeping.
  auto& checked_blobs = parts.checked_blobs.emplace(
      blobs, parts.stores->copies(), *parts.catalogue,
      storage::CheckedBlobs::Settings{config.verify_on_read, config.scrub.period},
      [&audit](const Digest& sha256, bool is_mended) { tell_damage(audit, sha256, is_mended); });
  const auto& fixity =
      parts.fixity.emplace(blobs, *parts.records, *parts.derivatives, *parts.catalogue);
  auto& scrubber =
      parts.scrubber.emplace(fixity, checked_blobs, *parts.catalogue, *parts.accounts, index);
  if (auto* copies = parts.stores->copies()) parts.copy_keeper.emplace(*copies);
  auto& retention = parts.retention.emplace(*parts.catalogue, writer);
  auto& disposals = parts.disposals.emplace(
      pipeline::Disposals::Rooms{*parts.catalogue, *parts.materials, retention, writer});
  auto& bulk_edits = parts.bulk_edits.emplace(*parts.catalogue, *parts.materials, writer);
  auto& erasures = parts.erasures.emplace(
      pipeline::Erasures::Rooms{blobs, *parts.records, *parts.derivatives, *parts.catalogue,
                                *parts.materials, *parts.intake, audit, owed},
      paths.catalogue());
  KHOCHUNG_CHECK(erasures.settle());
  auto& garbage = parts.garbage.emplace(
      pipeline::Garbage::Rooms{blobs, *parts.records, *parts.derivatives, *parts.catalogue,
                               *parts.intake, audit, retention, disposals});
  auto& adoption = parts.adoption.emplace(
      pipeline::Adoption::Rooms{blobs, *parts.records, *parts.derivatives, *parts.catalogue,
                                *parts.units, *parts.materials, *parts.intake, audit});
  auto& kits = parts.kits.emplace(kits::Kits::Rooms{blobs, checked_blobs, *parts.catalogue,
                                                    *parts.materials, *parts.units, audit,
                                                    *parts.workers, *parts.places, *parts.intake});
  // Answering.
  auto& jobs = parts.jobs.emplace(*parts.catalogue, *parts.slow_reader, parts.index_bell);
  parts.doorkeeper.emplace(*parts.accounts, *parts.units, application->options_.limiter);
  if (config.oidc)
    parts.identity_provider.emplace(KHOCHUNG_TRY(provider_settings_of(*config.oidc, paths)));
  if (config.mail) {
    auto server =
        KHOCHUNG_TRY(mail_server_of(*config.mail, paths, application->options_.site.name));
    parts.postman.emplace(parts.accounts->mail(), std::move(server));
  }
  parts.services.emplace(api::Services{
      .blobs = blobs,
      .checked_blobs = checked_blobs,
      .copies = parts.stores->copies(),
      .records = *parts.records,
      .derivatives = *parts.derivatives,
      .catalogue = *parts.catalogue,
      .accounts = *parts.accounts,
      .uploads = *parts.uploads,
      .units = *parts.units,
      .materials = *parts.materials,
      .intake = *parts.intake,
      .renditions = *parts.renditions,
      .jobs = jobs,
      .index_bell = parts.index_bell,
      .index = *parts.index,
      .scrubber = scrubber,
      .audit = audit,
      .garbage = garbage,
      .retention = retention,
      .disposals = disposals,
      .bulk_edits = bulk_edits,
      .vocabularies = vocabularies,
      .erasures = erasures,
      .adoption = adoption,
      .kits = kits,
      .searcher = *parts.searcher,
      .unit_finder = parts.unit_finder,
      .doorkeeper = *parts.doorkeeper,
      .recent_readings = parts.recent_readings,
      .identity_provider = parts.identity_provider ? &*parts.identity_provider : nullptr,
      .postman = parts.postman ? &*parts.postman : nullptr,
      .command = application->options_.command,
  });
  delivery::add_routes(parts.router, *parts.services, application->options_.site);
  api::add_search_routes(parts.router, *parts.services);
  api::add_material_routes(parts.router, *parts.services);
  api::add_history_routes(parts.router, *parts.services);
  api::add_review_routes(parts.router, *parts.services);
  api::add_call_routes(parts.router, *parts.services);
  api::add_intake_routes(parts.router, *parts.services);
  api::add_upload_routes(parts.router, *parts.services);
  api::add_unit_routes(parts.router, *parts.services);
  api::add_people_routes(parts.router, *parts.services);
  api::add_personal_data_routes(parts.router, *parts.services);
  api::add_invitation_routes(parts.router, *parts.services, application->options_.site);
  api::add_exchange_routes(parts.router, *parts.services);
  api::add_preservation_routes(parts.router, *parts.services);
  api::add_retention_routes(parts.router, *parts.services);
  api::add_bulk_routes(parts.router, *parts.services);
  api::add_vocabulary_routes(parts.router, *parts.services);
  api::add_upkeep_routes(parts.router, *parts.services);
  api::add_audit_routes(parts.router, *parts.services);
  api::add_backup_routes(parts.router, *parts.services,
                         {.records = paths.records(),
                          .audit = paths.audit(),
                          .audit_key = paths.audit_key(),
                          .catalogue = paths.catalogue(),
                          .accounts = paths.accounts(),
                          .scratch = paths.scratch()});
  api::add_metrics_routes(parts.router, *parts.services, parts.occupancy);
  pages::add_page_routes(parts.router, *parts.services, application->options_.site);

  if (parts.postman) {
    pages::add_notice_mails(*parts.postman, *parts.services, application->options_.site);
    pages::add_account_mails(*parts.postman, *parts.services, application->options_.site);
    pages::add_press_mails(*parts.postman, *parts.services, application->options_.site);
    pages::add_privacy_mails(*parts.postman, *parts.services, application->options_.site);
  }

  owed.start();
  audit.start();
  index.start();
  jobs.start({1, application->options_.ocr_threads});
  if (application->options_.is_long_running) {
    scrubber.start(config.scrub);
    if (parts.copy_keeper) parts.copy_keeper->start();
    if (parts.postman) parts.postman->start();
  }
  return application;
}

Application::~Application() {
  auto& parts = *parts_;
  if (parts.postman) parts.postman->stop();
  if (parts.scrubber) parts.scrubber->stop();
  if (parts.copy_keeper) parts.copy_keeper->stop();
  if (parts.jobs) parts.jobs->stop();
  if (parts.index) parts.index->stop();
  if (parts.audit) parts.audit->stop();
  if (parts.owed_records) parts.owed_records->stop();
}

void Application::let_readers_wait(std::function<bool()> is_busy) {
  parts_->places->give_way_to(std::move(is_busy));
}

Result<std::optional<std::string>> Application::set_up_path() {
  const auto made = parts_->accounts->invitations().set_up();
  if (!made && made.error().code == ErrorCode::conflict) return std::nullopt;
  if (!made) return fail(made.error());
  return api::invitation_path(made->token);
}

const http::Router& Application::router() const {
  return parts_->router;
}

http::Occupancy& Application::occupancy() {
  return parts_->occupancy;
}

std::unique_ptr<Client> Application::local_client() {
  return std::make_unique<LocalClient>(parts_->router);
}

}  // namespace khochung::app
