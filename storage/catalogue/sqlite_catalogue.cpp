#include "storage/catalogue/sqlite_catalogue.hpp"

#include "storage/catalogue/tables.hpp"

namespace khochung::storage {

extern const std::vector<std::string_view> catalogue_migrations;

namespace {
/// Owed records are deleted so many at a time, for one commit.
constexpr std::size_t forgotten_at_once = 256;
/// About 1 KB each. None on PostgreSQL: another server could take rights away, and no notice of
/// that is sure to come before the next question.
constexpr std::size_t recent_entries = 4096;
}  // namespace

Result<std::unique_ptr<Catalogue>> Catalogue::open(const std::string& location) {
  return std::make_unique<SqliteCatalogue>(
      location, KHOCHUNG_TRY(Database::open(location, catalogue_migrations)));
}

SqliteCatalogue::SqliteCatalogue(std::string location, std::unique_ptr<Database> database)
    : location_(std::move(location)),
      database_(std::move(database)),
      recent_(database_->engine() == Engine::sqlite ? recent_entries : 0) {}

SqliteCatalogue::~SqliteCatalogue() {
  // What stays is found again at the next start and is in the record store then.
  static_cast<void>(delete_forgotten(forgotten_));
}

// -- units

Result<void> SqliteCatalogue::put_units(const std::vector<NewUnit>& entries) {
  return database_->write([&](Connection& c) -> Result<void> {
    for (const auto& entry : entries) KHOCHUNG_CHECK(tables::put_unit(c, entry));
    return {};
  });
}

Result<std::vector<Unit>> SqliteCatalogue::units() const {
  return database_->read([](Connection& c) { return tables::units(c); });
}

// -- materials

Result<void> SqliteCatalogue::put_material(const NewMaterial& entry) {
  auto written = database_->write([&](Connection& c) { return tables::put_material(c, entry); });
  recent_.drop(entry.material.id);
  return written;
}

Result<void> SqliteCatalogue::put_revisions(const std::vector<NewMaterial>& entries) {
  auto written = database_->write([&](Connection& c) -> Result<void> {
    for (const auto& entry : entries) KHOCHUNG_CHECK(tables::put_material(c, entry));
    return {};
  });
  for (const auto& entry : entries) recent_.drop(entry.material.id);
  return written;
}

Result<void> SqliteCatalogue::put_materials(const std::vector<NewMaterial>& entries) {
  return database_->write([&](Connection& c) -> Result<void> {
    for (const auto& entry : entries) KHOCHUNG_CHECK(tables::put_if_new(c, entry));
    return {};
  });
}

Result<std::vector<std::string>> SqliteCatalogue::owed_records(int limit) const {
  Forgotten forgotten;
  {
    const std::scoped_lock lock(mutex_);
    forgotten = forgotten_;
  }
  return database_->read([&](Connection& c) { return tables::owed_records(c, limit, forgotten); });
}

Result<void> SqliteCatalogue::forget_owed_record(const Uuid& id, int revision) {
  Forgotten full;
  {
    const std::scoped_lock lock(mutex_);
    forgotten_.emplace_back(id, revision);
    if (forgotten_.size() % forgotten_at_once == 0) full = forgotten_;
  }
  if (full.empty()) return {};
  KHOCHUNG_CHECK(delete_forgotten(full));
  const std::scoped_lock lock(mutex_);
  forgotten_.erase(forgotten_.begin(),
                   forgotten_.begin() + static_cast<std::ptrdiff_t>(forgotten_at_once));
  return {};
}

Result<void> SqliteCatalogue::delete_forgotten(const Forgotten& forgotten) {
  if (forgotten.empty()) return {};
  return database_->write([&](Connection& c) -> Result<void> {
    for (const auto& [id, revision] : forgotten) {
      KHOCHUNG_CHECK(tables::forget_owed_record(c, id, revision));
    }
    return {};
  });
}

Result<CatalogueEntry> SqliteCatalogue::material(MaterialId id) const {
  if (const auto known = recent_.find(id)) return *known;
  const auto moment = recent_.moment();
  auto found = KHOCHUNG_TRY(materials({id}));
  if (found.empty()) return fail(ErrorCode::not_found, "no material " + id.text());
  recent_.keep(id, std::make_shared<const CatalogueEntry>(found.front()), moment);
  return std::move(found.front());
}

std::shared_ptr<const CatalogueEntry> SqliteCatalogue::recent(MaterialId id) const {
  return recent_.find(id);
}

Result<std::vector<CatalogueEntry>> SqliteCatalogue::materials(
    const std::vector<MaterialId>& ids) const {
  return database_->read([&](Connection& c) { return tables::materials(c, ids); });
}

Result<std::optional<MaterialId>> SqliteCatalogue::find_duplicate(const Digest& sha256,
                                                                  UnitId owner) const {
  return database_->read([&](Connection& c) { return tables::find_duplicate(c, sha256, owner); });
}

Result<std::vector<MaterialId>> SqliteCatalogue::with_blob(const Digest& sha256) const {
  return database_->read([&](Connection& c) { return tables::with_blob(c, sha256); });
}

Result<std::vector<MaterialId>> SqliteCatalogue::parts_of(MaterialId whole) const {
  return database_->read([&](Connection& c) { return tables::parts_of(c, whole); });
}

Result<std::vector<MaterialId>> SqliteCatalogue::group_members(BatchId batch,
                                                               std::string_view group) const {
  return database_->read([&](Connection& c) { return tables::group_members(c, batch, group); });
}

Result<std::int64_t> SqliteCatalogue::newest_arrival() const {
  return database_->read([](Connection& c) { return tables::newest_arrival(c); });
}

Result<std::vector<CatalogueEntry>> SqliteCatalogue::arrivals(std::int64_t first,
                                                              std::int64_t last) const {
  return database_->read([&](Connection& c) { return tables::arrivals(c, first, last); });
}

Result<std::vector<CatalogueEntry>> SqliteCatalogue::materials_after(
    std::optional<MaterialId> after, int limit) const {
  return database_->read([&](Connection& c) { return tables::materials_after(c, after, limit); });
}

Result<void> SqliteCatalogue::set_page_count(MaterialId id, int page_count) {
  auto written =
      database_->write([&](Connection& c) { return tables::set_page_count(c, id, page_count); });
  recent_.drop(id);
  return written;
}

// -- what still has to go into the index

/// An SQLite file belongs to one process as it is.
Result<void> SqliteCatalogue::own_index() {
  if (database_->engine() == Engine::sqlite) return {};
  auto lock = KHOCHUNG_TRY(PostgresLock::take(location_, "the index of this catalogue"));
  const auto owner = Uuid::make().text();
  KHOCHUNG_CHECK(database_->write([&](Connection& c) { return tables::take_index(c, owner); }));
  const std::scoped_lock guard(mutex_);
  index_lock_ = std::move(lock);
  index_owner_ = owner;
  return {};
}

std::string SqliteCatalogue::index_owner() const {
  const std::scoped_lock lock(mutex_);
  return index_owner_;
}

Result<void> SqliteCatalogue::mark_for_index(MaterialId id) {
  return database_->write([&](Connection& c) { return tables::mark_for_index(c, id); });
}

Result<std::vector<Catalogue::Waiting>> SqliteCatalogue::waiting_for_index(int limit) const {
  return database_->read([&](Connection& c) { return tables::waiting_for_index(c, limit); });
}

Result<void> SqliteCatalogue::set_indexed(
    const std::vector<std::pair<MaterialId, std::int64_t>>& id_and_mark) {
  auto written = database_->write([&, owner = index_owner()](Connection& c) -> Result<void> {
    KHOCHUNG_CHECK(tables::expect_index_owner(c, owner));
    for (const auto& [id, mark] : id_and_mark) KHOCHUNG_CHECK(tables::set_indexed(c, id, mark));
    return {};
  });
  for (const auto& [id, mark] : id_and_mark) recent_.drop(id);
  return written;
}

Result<Catalogue::Marks> SqliteCatalogue::marks() const {
  return database_->read([](Connection& c) { return tables::marks(c); });
}

Result<void> SqliteCatalogue::set_indexed_until(std::int64_t mark) {
  auto written = database_->write([&, owner = index_owner()](Connection& c) -> Result<void> {
    KHOCHUNG_CHECK(tables::expect_index_owner(c, owner));
    return tables::set_indexed_until(c, mark);
  });
  recent_.drop_all();
  return written;
}

// -- batches

Result<void> SqliteCatalogue::put_batch(const Batch& batch) {
  return database_->write([&](Connection& c) { return tables::put_batch(c, batch); });
}

Result<Batch> SqliteCatalogue::batch(BatchId id) const {
  return database_->read([&](Connection& c) { return tables::batch(c, id); });
}

Result<std::vector<BatchItem>> SqliteCatalogue::batch_items(BatchId id) const {
  return database_->read([&](Connection& c) { return tables::batch_items(c, id); });
}

Result<Catalogue::BatchCounts> SqliteCatalogue::batch_counts(BatchId id) const {
  return database_->read([&](Connection& c) { return tables::batch_counts(c, id); });
}

Result<BatchItem> SqliteCatalogue::put_batch_item(const BatchItem& item) {
  return database_->write_giving<BatchItem>(
      [&](Connection& c) { return tables::put_batch_item(c, item); });
}

Result<void> SqliteCatalogue::add_batch_items(const std::vector<BatchItem>& items) {
  return database_->write([&](Connection& c) -> Result<void> {
    for (const auto& item : items) KHOCHUNG_TRY(tables::put_batch_item(c, item));
    return {};
  });
}

Result<void> SqliteCatalogue::set_item_state(MaterialId material, ItemState state,
                                             std::string_view reason) {
  return database_->write(
      [&](Connection& c) { return tables::set_item_state(c, material, state, reason); });
}

Result<std::vector<Batch>> SqliteCatalogue::batches(std::string_view creator, int limit) const {
  return database_->read([&](Connection& c) { return tables::batches(c, creator, limit); });
}

// -- jobs

Result<void> SqliteCatalogue::add_job(const Job& job) {
  return database_->write([&](Connection& c) { return tables::add_job(c, job); });
}

Result<std::optional<Job>> SqliteCatalogue::claim_job(Lane lane, std::chrono::seconds lease) {
  Result<std::optional<Job>> job;
  const auto claimed = database_->claim([&](Connection& c) -> Result<void> {
    job = tables::claim_job(c, lane, lease);
    return job.map([](const auto&) {});
  });
  if (!claimed) return fail(claimed.error());
  return job;
}

Result<void> SqliteCatalogue::finish_job(const Job& job) {
  return database_->write([&](Connection& c) { return tables::finish_job(c, job); });
}

Result<void> SqliteCatalogue::put_back_job(std::int64_t id, std::chrono::seconds delay) {
  return database_->write([&](Connection& c) { return tables::put_back_job(c, id, delay); });
}

Result<void> SqliteCatalogue::release_claims() {
  return database_->write([](Connection& c) { return tables::release_claims(c); });
}

Result<std::vector<Catalogue::QueueLength>> SqliteCatalogue::queue_lengths() const {
  return database_->read([](Connection& c) { return tables::queue_lengths(c); });
}

Result<Totals> SqliteCatalogue::totals() const {
  return database_->read([](Connection& c) { return tables::totals(c); });
}

Result<void> SqliteCatalogue::start_over(std::string_view name, std::string_view value) {
  auto written = database_->write([&](Connection& c) -> Result<void> {
    KHOCHUNG_CHECK(tables::start_over(c));
    return tables::set_upkeep(c, name, value);
  });
  recent_.drop_all();
  return written;
}

// -- fixity and what keeps bytes

Result<std::vector<FixityResult>> SqliteCatalogue::fixity_in(std::uint8_t slice) const {
  return database_->read([&](Connection& c) { return tables::fixity_in(c, slice); });
}

Result<FixityResult> SqliteCatalogue::fixity(const Digest& sha256) const {
  return database_->read([&](Connection& c) { return tables::fixity(c, sha256); });
}

Result<void> SqliteCatalogue::set_fixity(const std::vector<FixityResult>& results) {
  return database_->write([&](Connection& c) -> Result<void> {
    for (const auto& result : results) KHOCHUNG_CHECK(tables::set_fixity(c, result));
    return {};
  });
}

Result<std::vector<FixityResult>> SqliteCatalogue::bad_blobs(int limit) const {
  return database_->read([&](Connection& c) { return tables::bad_blobs(c, limit); });
}

Result<CheckedPages> SqliteCatalogue::check_pages(std::uint8_t slice) {
  return database_->check_pages(slice);
}

Result<bool> SqliteCatalogue::is_kept(const Digest& sha256, Instant deleted_before) const {
  return database_->read([&](Connection& c) { return tables::is_kept(c, sha256, deleted_before); });
}

Result<std::vector<MaterialId>> SqliteCatalogue::keepers(const Digest& sha256) const {
  return database_->read([&](Connection& c) { return tables::keepers(c, sha256); });
}

Result<void> SqliteCatalogue::forget_blob(const Digest& sha256) {
  return database_->write([&](Connection& c) { return tables::forget_blob(c, sha256); });
}

Result<std::vector<CatalogueEntry>> SqliteCatalogue::of_key_until(std::string_view key, int year,
                                                                  const DuePlace& after,
                                                                  int limit) const {
  return database_->read(
      [&](Connection& c) { return tables::of_key_until(c, key, year, after, limit); });
}

Result<std::vector<CatalogueEntry>> SqliteCatalogue::in_review(UnitId to, const ReviewPlace& after,
                                                               int limit) const {
  return database_->read([&](Connection& c) { return tables::in_review(c, to, after, limit); });
}

Result<std::vector<CatalogueEntry>> SqliteCatalogue::unpublished_of(
    std::string_view creator, const std::optional<MaterialId>& before, int limit) const {
  return database_->read(
      [&](Connection& c) { return tables::unpublished_of(c, creator, before, limit); });
}

Result<void> SqliteCatalogue::put_record(const NewRecord& entry) {
  return database_->write([&](Connection& c) { return tables::put_record(c, entry); });
}

Result<std::vector<Uuid>> SqliteCatalogue::records_before(RecordKind kind,
                                                          const std::optional<Uuid>& before,
                                                          int limit) const {
  return database_->read(
      [&](Connection& c) { return tables::records_before(c, kind, before, limit); });
}

Result<void> SqliteCatalogue::erase_traces(MaterialId id, int below_revision) {
  return database_->write(
      [&](Connection& c) { return tables::erase_traces(c, id, below_revision); });
}

// -- audit and upkeep

Result<void> SqliteCatalogue::owe_audit(std::string_view body) {
  return database_->write([&](Connection& c) { return tables::owe_audit(c, body); });
}

Result<std::vector<OwedAudit>> SqliteCatalogue::owed_audit(int limit) const {
  return database_->read([&](Connection& c) { return tables::owed_audit(c, limit); });
}

Result<void> SqliteCatalogue::forget_owed_audit(std::int64_t seq) {
  return database_->write([&](Connection& c) { return tables::forget_owed_audit(c, seq); });
}

Result<std::int64_t> SqliteCatalogue::audit_seq() const {
  return database_->read([&](Connection& c) { return tables::audit_seq(c); });
}

Result<void> SqliteCatalogue::set_audit_seq(std::int64_t seq) {
  return database_->write([&](Connection& c) { return tables::set_audit_seq(c, seq); });
}

Result<std::string> SqliteCatalogue::upkeep(std::string_view name) const {
  return database_->read([&](Connection& c) { return tables::upkeep(c, name); });
}

Result<void> SqliteCatalogue::set_upkeep(std::string_view name, std::string_view value) {
  return database_->write([&](Connection& c) { return tables::set_upkeep(c, name, value); });
}

}  // namespace khochung::storage
