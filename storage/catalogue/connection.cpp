#include "storage/catalogue/connection.hpp"

namespace khochung::storage {

Engine engine_of(std::string_view location) {
  const bool is_address =
      location.starts_with("postgresql://") || location.starts_with("postgres://");
  return is_address ? Engine::postgres : Engine::sqlite;
}

Result<std::int64_t> Connection::change(std::string_view sql,
                                        std::initializer_list<SqlValue> values) {
  auto rows = KHOCHUNG_TRY(query(sql, values));
  while (KHOCHUNG_TRY(rows.next())) {
  }
  return rows.changed();
}

Result<std::optional<std::int64_t>> Connection::number(std::string_view sql,
                                                       std::initializer_list<SqlValue> values) {
  auto rows = KHOCHUNG_TRY(query(sql, values));
  if (!KHOCHUNG_TRY(rows.next()) || rows.is_null(0)) return std::nullopt;
  return rows.integer(0);
}

}  // namespace khochung::storage
