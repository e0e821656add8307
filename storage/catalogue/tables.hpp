#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/catalogue/catalogue.hpp"
#include "storage/catalogue/connection.hpp"

/// The catalogue's functions in common SQL over one connection; the Catalogue gives each its
/// transaction.
namespace khochung::storage::tables {

using Ids = std::vector<MaterialId>;

/// Adds to a counter and gives its new value.
Result<std::int64_t> add_to_counter(Connection& connection, std::string_view name,
                                    std::int64_t amount);
Result<Totals> totals(Connection& connection);

// -- units
Result<void> put_unit(Connection& connection, const Catalogue::NewUnit& entry);
Result<std::vector<Unit>> units(Connection& connection);

// -- materials
Result<void> put_material(Connection& connection, const Catalogue::NewMaterial& entry);
Result<void> put_if_new(Connection& connection, const Catalogue::NewMaterial& entry);
Result<std::vector<std::string>> owed_records(Connection& connection, int limit,
                                              const std::vector<std::pair<Uuid, int>>& forgotten);
Result<void> owe_record(Connection& connection, const Uuid& id, int revision,
                        std::string_view record);
Result<void> forget_owed_record(Connection& connection, const Uuid& id, int revision);
Result<std::vector<CatalogueEntry>> materials(Connection& connection, const Ids& ids);
Result<std::vector<CatalogueEntry>> materials_after(Connection& connection,
                                                    std::optional<MaterialId> after, int limit);
Result<std::int64_t> newest_arrival(Connection& connection);
Result<std::vector<CatalogueEntry>> arrivals(Connection& connection, std::int64_t first,
                                             std::int64_t last);
Result<std::optional<MaterialId>> find_duplicate(Connection& connection, const Digest& sha256,
                                                 UnitId owner);
Result<Ids> with_blob(Connection& connection, const Digest& sha256);
Result<std::vector<CatalogueEntry>> of_key_until(Connection& connection, std::string_view key,
                                                 int year, const Catalogue::DuePlace& after,
                                                 int limit);
Result<std::vector<CatalogueEntry>> in_review(Connection& connection, UnitId to,
                                              const Catalogue::ReviewPlace& after, int limit);
Result<std::vector<CatalogueEntry>> unpublished_of(Connection& connection, std::string_view creator,
                                                   const std::optional<MaterialId>& before,
                                                   int limit);
Result<Ids> parts_of(Connection& connection, MaterialId whole);
Result<Ids> group_members(Connection& connection, BatchId batch, std::string_view group);
Result<void> set_page_count(Connection& connection, MaterialId id, int page_count);

// -- index marks
Result<void> mark_for_index(Connection& connection, MaterialId id);
Result<std::vector<Catalogue::Waiting>> waiting_for_index(Connection& connection, int limit);
Result<void> set_indexed(Connection& connection, MaterialId id, std::int64_t mark);
Result<Catalogue::Marks> marks(Connection& connection);
Result<void> set_indexed_until(Connection& connection, std::int64_t mark);

// -- batches
Result<void> put_batch(Connection& connection, const Batch& batch);
Result<Batch> batch(Connection& connection, BatchId id);
Result<std::vector<Batch>> batches(Connection& connection, std::string_view creator, int limit);
Result<std::vector<BatchItem>> batch_items(Connection& connection, BatchId id);
Result<Catalogue::BatchCounts> batch_counts(Connection& connection, BatchId id);
Result<BatchItem> put_batch_item(Connection& connection, const BatchItem& item);
Result<void> set_item_state(Connection& connection, MaterialId material, ItemState state,
                            std::string_view reason);

// -- jobs
Result<void> add_job(Connection& connection, const Job& job);
Result<std::optional<Job>> claim_job(Connection& connection, Lane lane, std::chrono::seconds lease);
Result<void> finish_job(Connection& connection, const Job& job);
Result<void> put_back_job(Connection& connection, std::int64_t id, std::chrono::seconds delay);
Result<std::vector<Catalogue::QueueLength>> queue_lengths(Connection& connection);
Result<void> release_claims(Connection& connection);

// -- who feeds the index, and a new beginning
Result<void> take_index(Connection& connection, std::string_view owner);
/// Errors: locked when it is another; an empty owner is nobody's rival.
Result<void> expect_index_owner(Connection& connection, std::string_view owner);
Result<void> start_over(Connection& connection);

// -- fixity and what keeps bytes
Result<void> expect_blob(Connection& connection, const MaterialFile& file, std::int64_t arrival);
Result<std::vector<FixityResult>> fixity_in(Connection& connection, std::uint8_t slice);
Result<FixityResult> fixity(Connection& connection, const Digest& sha256);
Result<void> set_fixity(Connection& connection, const FixityResult& result);
Result<std::vector<FixityResult>> bad_blobs(Connection& connection, int limit);
Result<bool> is_kept(Connection& connection, const Digest& sha256, Instant deleted_before);
Result<Ids> keepers(Connection& connection, const Digest& sha256);
Result<void> forget_blob(Connection& connection, const Digest& sha256);

// -- retention
Result<void> put_record(Connection& connection, const Catalogue::NewRecord& entry);
Result<std::vector<Uuid>> records_before(Connection& connection, RecordKind kind,
                                         const std::optional<Uuid>& before, int limit);
Result<void> erase_traces(Connection& connection, MaterialId id, int below_revision);

// -- audit and upkeep
Result<void> owe_audit(Connection& connection, std::string_view body);
Result<std::vector<OwedAudit>> owed_audit(Connection& connection, int limit);
Result<void> forget_owed_audit(Connection& connection, std::int64_t seq);
Result<std::int64_t> audit_seq(Connection& connection);
Result<void> set_audit_seq(Connection& connection, std::int64_t seq);
Result<std::string> upkeep(Connection& connection, std::string_view name);
Result<void> set_upkeep(Connection& connection, std::string_view name, std::string_view value);

inline std::int64_t milliseconds_of(Instant instant) {
  return instant.time_since_epoch().count();
}

inline std::int64_t milliseconds_of(std::chrono::milliseconds time) {
  return time.count();
}

}  // namespace khochung::storage::tables
