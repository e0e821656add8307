#include <array>

#include "storage/catalogue/tables.hpp"

namespace khochung::storage::tables {
namespace {

/// All but the counters and what is owed to the audit chain.
constexpr std::array<std::string_view, 11> forgotten{
    "batch",    "batch_item",   "fixity",      "holding", "job",   "kept_file",
    "material", "other_record", "owed_record", "unit",    "upkeep"};

}  // namespace

/// PostgreSQL empties a table of millions of rows in no time, but only by a word of its own.
Result<void> start_over(Connection& connection) {
  const std::string_view empty =
      connection.engine() == Engine::postgres ? "TRUNCATE " : "DELETE FROM ";
  for (const auto table : forgotten) {
    KHOCHUNG_CHECK(connection.execute(std::string(empty) + std::string(table)));
  }
  KHOCHUNG_TRY(connection.change("UPDATE counter SET value = 0 WHERE name <> 'audit'"));
  return {};
}

}  // namespace khochung::storage::tables
