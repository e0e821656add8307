#include <boost/json.hpp>

#include "storage/catalogue/tables.hpp"

namespace khochung::storage::tables {
namespace {

Digest row_hash(std::string_view id, std::string_view body) {
  return Digest::of(std::string(id) + "\n" + std::string(body));
}

}  // namespace

Result<std::int64_t> add_to_counter(Connection& connection, std::string_view name,
                                    std::int64_t amount) {
  const auto value = KHOCHUNG_TRY(connection.number(
      "UPDATE counter SET value = value + ? WHERE name = ? RETURNING value", {amount, name}));
  if (!value) return fail(ErrorCode::corrupt, "no counter " + std::string(name));
  return *value;
}

Result<Totals> totals(Connection& connection) {
  Totals totals;
  auto rows = KHOCHUNG_TRY(connection.query("SELECT name, value FROM counter"));
  while (KHOCHUNG_TRY(rows.next())) {
    const auto name = rows.text(0);
    if (name == "materials") totals.materials = rows.integer(1);
    if (name == "blobs") totals.blobs = rows.integer(1);
    if (name == "bytes") totals.bytes = rows.integer(1);
    if (name == "jobs") totals.queued_jobs = rows.integer(1);
  }
  return totals;
}

Result<void> put_unit(Connection& connection, const Catalogue::NewUnit& entry) {
  const auto& unit = entry.unit;
  const auto id = unit.id.text();
  const auto body = boost::json::serialize(to_json(unit));
  KHOCHUNG_TRY(connection.change(
      "INSERT INTO unit (id, number, body, row_hash) VALUES (?, ?, ?, ?) "
      "ON CONFLICT (id) DO UPDATE SET number = excluded.number, body = excluded.body, "
      "row_hash = excluded.row_hash",
      {id, std::int64_t{unit.number}, body, row_hash(id, body)}));
  if (!entry.record.empty())
    KHOCHUNG_CHECK(owe_record(connection, unit.id.uuid(), entry.revision, entry.record));
  if (!entry.event.empty()) KHOCHUNG_CHECK(owe_audit(connection, entry.event));
  return {};
}

Result<std::vector<Unit>> units(Connection& connection) {
  std::vector<Unit> units;
  auto rows = KHOCHUNG_TRY(connection.query("SELECT id, body, row_hash FROM unit ORDER BY number"));
  while (KHOCHUNG_TRY(rows.next())) {
    const auto body = rows.text(1);
    if (row_hash(rows.text(0), body) != KHOCHUNG_TRY(rows.digest(2))) {
      return fail(ErrorCode::corrupt, "the catalogue's row of unit " + rows.text(0));
    }
    boost::json::error_code error;
    const auto value = boost::json::parse(body, error);
    if (error) return fail(ErrorCode::corrupt, "a unit in the catalogue is not JSON");
    units.push_back(KHOCHUNG_TRY(unit_from_json(value)));
  }
  return units;
}

}  // namespace khochung::storage::tables
