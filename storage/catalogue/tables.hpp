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
Result<void> put_unit(Connection& connection, const Unit& unit);
Result<std::vector<Unit>> units(Connection& connection);

// -- materials
Result<void> put_material(Connection& connection, const Catalogue::NewMaterial& entry);
Result<std::vector<std::string>> owed_records(
    Connection& connection, int limit, const std::vector<std::pair<MaterialId, int>>& forgotten);
Result<void> forget_owed_record(Connection& connection, MaterialId id, int revision);
Result<std::vector<CatalogueEntry>> materials(Connection& connection, const Ids& ids);
Result<std::vector<CatalogueEntry>> materials_after(Connection& connection,
                                                    std::optional<MaterialId> after, int limit);
Result<std::optional<MaterialId>> find_duplicate(Connection& connection, const Digest& sha256,
                                                 UnitId owner);
Result<Ids> with_blob(Connection& connection, const Digest& sha256);
Result<std::vector<Digest>> originals_in(Connection& connection, std::uint8_t slice);
Result<Ids> parts_of(Connection& connection, MaterialId whole);
Result<Ids> group_members(Connection& connection, BatchId batch, std::string_view group);
Result<void> set_page_count(Connection& connection, MaterialId id, int page_count);

// -- index marks
Result<void> mark_for_index(Connection& connection, MaterialId id);
Result<std::vector<Catalogue::Waiting>> waiting_for_index(Connection& connection, int limit);
Result<void> set_indexed(Connection& connection, MaterialId id, std::int64_t mark);

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
Result<void> finish_job(Connection& connection, std::int64_t id);
Result<void> put_back_job(Connection& connection, std::int64_t id, std::chrono::seconds delay);
Result<void> release_claims(Connection& connection);

inline std::int64_t milliseconds_of(Instant instant) {
  return instant.time_since_epoch().count();
}

inline std::int64_t milliseconds_of(std::chrono::milliseconds time) {
  return time.count();
}

}  // namespace khochung::storage::tables
