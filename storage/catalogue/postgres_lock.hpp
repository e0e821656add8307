#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "storage/catalogue/connection.hpp"

namespace khochung::storage {

/// A lock that one process at a time holds among all that use a schema of a PostgreSQL database.
/// Released with this object, and by the database when the process or its connection is gone:
/// it keeps a second one from beginning, and does not prove that it is still held.
/// Threads: one at a time.
class PostgresLock {
 public:
  /// Errors: locked when another has it; unavailable.
  static Result<PostgresLock> take(const std::string& location, std::string_view name);

 private:
  explicit PostgresLock(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  std::unique_ptr<Connection> connection_;
};

}  // namespace khochung::storage
