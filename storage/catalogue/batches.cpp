#include <algorithm>
#include <array>

#include "storage/catalogue/tables.hpp"

namespace khochung::storage {
namespace {

constexpr std::array<std::string_view, 6> state_names{"queued",    "reading", "done",
                                                      "duplicate", "failed",  "quarantined"};

Result<ItemState> item_state_from(std::string_view text) {
  const auto* found = std::ranges::find(state_names, text);
  if (found == state_names.end()) {
    return fail(ErrorCode::corrupt, "no state of a receipt's line: " + std::string(text));
  }
  return static_cast<ItemState>(found - state_names.begin());
}

Result<BatchItem> item_from(const Rows& rows) {
  BatchItem item;
  item.batch = KHOCHUNG_TRY(BatchId::parse(rows.text(0)));
  item.position = rows.small(1);
  item.path = rows.text(2);
  if (!rows.is_null(3)) item.sha256 = KHOCHUNG_TRY(rows.digest(3));
  item.size_bytes = static_cast<std::uint64_t>(rows.integer(4));
  item.pages = rows.small(5);
  if (!rows.is_null(6)) item.material = KHOCHUNG_TRY(MaterialId::parse(rows.text(6)));
  item.state = KHOCHUNG_TRY(item_state_from(rows.text(7)));
  item.reason = rows.text(8);
  return item;
}

Result<Batch> batch_from(const Rows& rows) {
  return Batch{KHOCHUNG_TRY(BatchId::parse(rows.text(0))), rows.text(1),
               Instant(std::chrono::milliseconds(rows.integer(2))), rows.integer(3) != 0};
}

}  // namespace

std::string_view to_text(ItemState state) {
  return state_names.at(static_cast<std::size_t>(state));
}

namespace tables {

Result<void> put_batch(Connection& connection, const Batch& batch) {
  const auto id = batch.id.text();
  KHOCHUNG_TRY(connection.change(
      "INSERT INTO batch (id, creator, created_at, is_closed) VALUES (?, ?, ?, ?) "
      "ON CONFLICT (id) DO UPDATE SET creator = excluded.creator, "
      "created_at = excluded.created_at, is_closed = excluded.is_closed",
      {id, batch.creator, milliseconds_of(batch.created_at),
       std::int64_t{batch.is_closed ? 1 : 0}}));
  return {};
}

Result<Batch> batch(Connection& connection, BatchId id) {
  const auto text = id.text();
  auto rows = KHOCHUNG_TRY(connection.query(
      "SELECT id, creator, created_at, is_closed FROM batch WHERE id = ?", {text}));
  if (!KHOCHUNG_TRY(rows.next())) return fail(ErrorCode::not_found, "no batch " + text);
  return batch_from(rows);
}

Result<std::vector<Batch>> batches(Connection& connection, std::string_view creator, int limit) {
  std::vector<Batch> found;
  auto rows = KHOCHUNG_TRY(
      creator.empty() ? connection.query("SELECT id, creator, created_at, is_closed FROM batch "
                                         "ORDER BY created_at DESC LIMIT ?",
                                         {std::int64_t{limit}})
                      : connection.query("SELECT id, creator, created_at, is_closed FROM batch "
                                         "WHERE creator = ? ORDER BY created_at DESC LIMIT ?",
                                         {creator, std::int64_t{limit}}));
  while (KHOCHUNG_TRY(rows.next())) found.push_back(KHOCHUNG_TRY(batch_from(rows)));
  return found;
}

Result<std::vector<BatchItem>> batch_items(Connection& connection, BatchId id) {
  std::vector<BatchItem> items;
  const auto text = id.text();
  auto rows = KHOCHUNG_TRY(connection.query(
      "SELECT batch, position, path, sha256, size_bytes, pages, material, state, reason "
      "FROM batch_item WHERE batch = ? ORDER BY position",
      {text}));
  while (KHOCHUNG_TRY(rows.next())) items.push_back(KHOCHUNG_TRY(item_from(rows)));
  return items;
}

Result<Catalogue::BatchCounts> batch_counts(Connection& connection, BatchId id) {
  Catalogue::BatchCounts counts;
  for (std::size_t i = 0; i < state_names.size(); ++i) {
    counts.by_state.emplace_back(static_cast<ItemState>(i), 0);
  }
  const auto text = id.text();
  auto rows = KHOCHUNG_TRY(
      connection.query("SELECT state, count(*), sum(pages) FROM batch_item WHERE batch = ? "
                       "GROUP BY state",
                       {text}));
  while (KHOCHUNG_TRY(rows.next())) {
    const auto state = KHOCHUNG_TRY(item_state_from(rows.text(0)));
    counts.by_state[static_cast<std::size_t>(state)].second = rows.integer(1);
    counts.files += rows.integer(1);
    counts.pages += rows.integer(2);
  }
  return counts;
}

Result<BatchItem> put_batch_item(Connection& connection, const BatchItem& item) {
  BatchItem placed = item;
  const auto batch = item.batch.text();
  if (placed.position == 0) {
    const auto last = KHOCHUNG_TRY(
        connection.number("SELECT max(position) FROM batch_item WHERE batch = ?", {batch}));
    placed.position = static_cast<int>(last.value_or(0)) + 1;
  }
  const auto material = item.material ? item.material->text() : std::string();
  KHOCHUNG_TRY(connection.change(
      "INSERT INTO batch_item (batch, position, path, sha256, size_bytes, pages, material, state, "
      "reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (batch, position) DO UPDATE SET "
      "path = excluded.path, sha256 = excluded.sha256, size_bytes = excluded.size_bytes, "
      "pages = excluded.pages, material = excluded.material, state = excluded.state, "
      "reason = excluded.reason",
      {batch, std::int64_t{placed.position}, item.path,
       item.sha256 ? SqlValue(*item.sha256) : SqlValue(nullptr),
       static_cast<std::int64_t>(item.size_bytes), std::int64_t{item.pages},
       item.material ? SqlValue(std::string_view(material)) : SqlValue(nullptr),
       to_text(item.state), item.reason}));
  return placed;
}

Result<void> set_item_state(Connection& connection, MaterialId material, ItemState state,
                            std::string_view reason) {
  const auto id = material.text();
  KHOCHUNG_TRY(connection.change(
      "UPDATE batch_item SET state = ?, reason = ? WHERE material = ? AND state <> 'duplicate'",
      {to_text(state), reason, id}));
  return {};
}

}  // namespace tables
}  // namespace khochung::storage
