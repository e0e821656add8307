#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "storage/catalogue/catalogue.hpp"
#include "storage/catalogue/database.hpp"
#include "storage/catalogue/postgres_lock.hpp"
#include "storage/recent.hpp"

namespace khochung::storage {

/// The catalogue in a database.
class SqliteCatalogue final : public Catalogue {
 public:
  SqliteCatalogue(std::string location, std::unique_ptr<Database> database);
  ~SqliteCatalogue() override;

  Result<void> put_units(const std::vector<NewUnit>& entries) override;
  Result<std::vector<Unit>> units() const override;

  Result<void> put_material(const NewMaterial& entry) override;
  Result<void> put_revisions(const std::vector<NewMaterial>& entries) override;
  Result<void> put_materials(const std::vector<NewMaterial>& entries) override;
  Result<std::vector<std::string>> owed_records(int limit) const override;
  Result<void> forget_owed_record(const Uuid& id, int revision) override;
  Result<CatalogueEntry> material(MaterialId id) const override;
  std::shared_ptr<const CatalogueEntry> recent(MaterialId id) const override;
  Result<std::vector<CatalogueEntry>> materials(const std::vector<MaterialId>& ids) const override;
  Result<std::optional<MaterialId>> find_duplicate(const Digest& sha256,
                                                   UnitId owner) const override;
  Result<std::vector<MaterialId>> with_blob(const Digest& sha256) const override;
  Result<std::vector<MaterialId>> parts_of(MaterialId whole) const override;
  Result<std::vector<MaterialId>> group_members(BatchId batch,
                                                std::string_view group) const override;
  Result<std::vector<CatalogueEntry>> materials_after(std::optional<MaterialId> after,
                                                      int limit) const override;
  Result<std::int64_t> newest_arrival() const override;
  Result<std::vector<CatalogueEntry>> arrivals(std::int64_t first,
                                               std::int64_t last) const override;
  Result<void> set_page_count(MaterialId id, int page_count) override;

  Result<void> mark_for_index(MaterialId id) override;
  Result<void> own_index() override;
  Result<std::vector<Waiting>> waiting_for_index(int limit) const override;
  Result<void> set_indexed(
      const std::vector<std::pair<MaterialId, std::int64_t>>& id_and_mark) override;
  Result<Marks> marks() const override;
  Result<void> set_indexed_until(std::int64_t mark) override;

  Result<void> put_batch(const Batch& batch) override;
  Result<Batch> batch(BatchId id) const override;
  Result<std::vector<BatchItem>> batch_items(BatchId id) const override;
  Result<BatchCounts> batch_counts(BatchId id) const override;
  Result<BatchItem> put_batch_item(const BatchItem& item) override;
  Result<void> add_batch_items(const std::vector<BatchItem>& items) override;
  Result<void> set_item_state(MaterialId material, ItemState state,
                              std::string_view reason) override;
  Result<std::vector<Batch>> batches(std::string_view creator, int limit) const override;

  Result<void> add_job(const Job& job) override;
  Result<std::optional<Job>> claim_job(Lane lane, std::chrono::seconds lease) override;
  Result<void> finish_job(const Job& job) override;
  Result<void> put_back_job(std::int64_t id, std::chrono::seconds delay) override;
  Result<void> release_claims() override;

  Result<std::vector<QueueLength>> queue_lengths() const override;
  Result<Totals> totals() const override;
  Result<void> start_over(std::string_view name, std::string_view value) override;

  Result<std::vector<FixityResult>> fixity_in(std::uint8_t slice) const override;
  Result<FixityResult> fixity(const Digest& sha256) const override;
  Result<void> set_fixity(const std::vector<FixityResult>& results) override;
  Result<std::vector<FixityResult>> bad_blobs(int limit) const override;
  Result<CheckedPages> check_pages(std::uint8_t slice) override;
  Result<bool> is_kept(const Digest& sha256, Instant deleted_before) const override;
  Result<std::vector<MaterialId>> keepers(const Digest& sha256) const override;
  Result<void> forget_blob(const Digest& sha256) override;
  Result<std::vector<CatalogueEntry>> in_review(UnitId to, const ReviewPlace& after,
                                                int limit) const override;
  Result<std::vector<CatalogueEntry>> unpublished_of(std::string_view creator,
                                                     const std::optional<MaterialId>& before,
                                                     int limit) const override;
  Result<std::vector<CatalogueEntry>> of_key_until(std::string_view key, int year,
                                                   const DuePlace& after, int limit) const override;
  Result<void> put_record(const NewRecord& entry) override;
  Result<std::vector<Uuid>> records_before(RecordKind kind, const std::optional<Uuid>& before,
                                           int limit) const override;
  Result<void> erase_traces(MaterialId id, int below_revision) override;

  Result<void> owe_audit(std::string_view body) override;
  Result<std::vector<OwedAudit>> owed_audit(int limit) const override;
  Result<void> forget_owed_audit(std::int64_t seq) override;
  Result<std::int64_t> audit_seq() const override;
  Result<void> set_audit_seq(std::int64_t seq) override;
  Result<std::string> upkeep(std::string_view name) const override;
  Result<void> set_upkeep(std::string_view name, std::string_view value) override;

 private:
  using Forgotten = std::vector<std::pair<Uuid, int>>;
  Result<void> delete_forgotten(const Forgotten& forgotten);

  [[nodiscard]] std::string index_owner() const;

  std::string location_;
  std::unique_ptr<Database> database_;
  Recent<MaterialId, CatalogueEntry> recent_;
  mutable std::mutex mutex_;
  /// Owed records that are forgotten but not yet deleted.
  Forgotten forgotten_;
  std::optional<PostgresLock> index_lock_;
  std::string index_owner_;
};

}  // namespace khochung::storage
