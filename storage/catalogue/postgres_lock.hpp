#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "storage/catalogue/connection.hpp"

namespace khochung::storage {

/// A lock that one process at a time holds among all that use a PostgreSQL database: of an index
/// shard, of a data folder. Released with this object, and by the database when the process or its
/// connection is gone.
/// Threads: one at a time.
class PostgresLock {
 public:
  /// Errors: locked when another has it; unavailable.
  static Result<PostgresLock> take(const std::string& location, std::string_view name);

  /// Asks whether it is still held: a lost connection has released it. To be asked before a step
  /// that two processes must not both take.
  /// Errors: unavailable when it is lost; it must then be taken anew.
  Result<void> confirm();

 private:
  explicit PostgresLock(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  std::unique_ptr<Connection> connection_;
};

}  // namespace khochung::storage
