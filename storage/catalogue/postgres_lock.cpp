#include "storage/catalogue/postgres_lock.hpp"

#include "storage/catalogue/postgres_connection.hpp"
#include "storage/catalogue/postgres_schema.hpp"

namespace khochung::storage {
namespace {

Result<std::string> schema_of(Connection& connection) {
  auto rows = KHOCHUNG_TRY(connection.query("SELECT current_schema()"));
  return KHOCHUNG_TRY(rows.next()) ? rows.text(0) : std::string();
}

}  // namespace

Result<PostgresLock> PostgresLock::take(const std::string& location, std::string_view name) {
  auto connection = KHOCHUNG_TRY(PostgresConnection::open(location, Mode::claiming));
  const auto number = postgres_lock_number(
      "khochung: lock of " + KHOCHUNG_TRY(schema_of(*connection)) + " " + std::string(name));
  const auto is_taken = KHOCHUNG_TRY(
      connection->number("SELECT CASE WHEN pg_try_advisory_lock(?) THEN 1 END", {number}));
  if (!is_taken) return fail(ErrorCode::locked, "another process has " + std::string(name));
  return PostgresLock(std::move(connection));
}

}  // namespace khochung::storage
