#include "storage/catalogue/database_copy.hpp"

#include <string>

#include "storage/catalogue/sqlite_connection.hpp"

namespace khochung::storage {

Result<void> copy_database(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  if (!std::filesystem::exists(from, error))
    return fail(ErrorCode::not_found, "there is no database " + from.string());
  if (std::filesystem::exists(to, error))
    return fail(ErrorCode::conflict, to.string() + " is there already");
  const auto connection = KHOCHUNG_TRY(SqliteConnection::open(from, Mode::reading));
  // What it writes is another file.
  KHOCHUNG_CHECK(connection->execute("PRAGMA query_only=OFF"));
  const auto name = to.string();
  KHOCHUNG_TRY(connection->change("VACUUM INTO ?", {std::string_view(name)}));
  return {};
}

}  // namespace khochung::storage
