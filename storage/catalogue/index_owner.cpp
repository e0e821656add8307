#include "storage/catalogue/tables.hpp"

// Who feeds the index, where servers share a catalogue. A lock keeps a second one from beginning;
// but a lock is gone with its connection, so each owner also leaves its sign in the catalogue, and
// what an earlier one would still note is refused in the transaction that notes it.

namespace khochung::storage::tables {
namespace {
constexpr std::string_view upkeep_name = "index_owner";
}

Result<void> take_index(Connection& connection, std::string_view owner) {
  return set_upkeep(connection, upkeep_name, owner);
}

Result<void> expect_index_owner(Connection& connection, std::string_view owner) {
  if (owner.empty() || KHOCHUNG_TRY(upkeep(connection, upkeep_name)) == owner) return {};
  return fail(ErrorCode::locked, "another process feeds the index of this catalogue");
}

}  // namespace khochung::storage::tables
