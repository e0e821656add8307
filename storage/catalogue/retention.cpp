#include "storage/catalogue/tables.hpp"

namespace khochung::storage::tables {

Result<void> put_record(Connection& connection, const Catalogue::NewRecord& entry) {
  const auto id = entry.id.text();
  KHOCHUNG_TRY(
      connection.change("INSERT INTO other_record (kind, id) VALUES (?, ?) ON CONFLICT DO NOTHING",
                        {to_text(entry.kind), id}));
  if (!entry.record.empty())
    KHOCHUNG_CHECK(owe_record(connection, entry.id, entry.revision, entry.record));
  if (!entry.event.empty()) KHOCHUNG_CHECK(owe_audit(connection, entry.event));
  return {};
}

Result<std::vector<Uuid>> records_before(Connection& connection, RecordKind kind,
                                         const std::optional<Uuid>& before, int limit) {
  // Beyond every id, all of which are lower-case hexadecimal.
  const auto end = before ? before->text() : std::string("g");
  auto rows = KHOCHUNG_TRY(connection.query(
      "SELECT id FROM other_record WHERE kind = ? AND id < ? ORDER BY id DESC LIMIT ?",
      {to_text(kind), end, std::int64_t{limit}}));
  std::vector<Uuid> ids;
  while (KHOCHUNG_TRY(rows.next())) ids.push_back(KHOCHUNG_TRY(Uuid::parse(rows.text(0))));
  return ids;
}

/// Receipts name files as their senders did.
Result<void> erase_traces(Connection& connection, MaterialId id, int below_revision) {
  const auto text = id.text();
  KHOCHUNG_TRY(connection.change("UPDATE batch_item SET path = '' WHERE material = ?", {text}));
  KHOCHUNG_TRY(connection.change("DELETE FROM owed_record WHERE id = ? AND revision < ?",
                                 {text, std::int64_t{below_revision}}));
  return {};
}

}  // namespace khochung::storage::tables
