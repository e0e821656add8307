#pragma once

#include <string>
#include <tuple>

#include "storage/catalogue/postgres_connection.hpp"
#include "tests/storage/catalogue_home.hpp"
#include "tests/storage/postgres_server.hpp"

namespace khochung::storage {

/// A schema of a database for a catalogue.
struct PostgresPlace {
  std::string name = PostgresServer::shared().make_schema();
  std::string location = PostgresServer::shared().location(name);

  PostgresPlace() = default;
  PostgresPlace(const PostgresPlace&) = delete;
  PostgresPlace& operator=(const PostgresPlace&) = delete;
  ~PostgresPlace() { PostgresServer::shared().drop_schema(name); }

  [[nodiscard]] std::unique_ptr<Connection> connect(Mode mode) const {
    return PostgresConnection::open(location, mode).value();
  }
  static std::string set_version(int version) {
    return "UPDATE schema_version SET version = " + std::to_string(version);
  }
  static std::string bytes(const std::string& hex) { return "'\\x" + hex + "'"; }
  /// Of the catalogue, by name.
  static std::vector<std::string> tables(Connection& connection) {
    return names_of(
        connection.query("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND "
                         "tablename <> 'schema_version' ORDER BY tablename"));
  }
  /// The server notices a moment later that connections were closed.
  void wait_until_left() const {
    const auto connection = connect(Mode::claiming);
    while (connection
               ->number("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() "
                        "AND pid <> pg_backend_pid() LIMIT 1")
               .value()) {
    }
  }
};

using Places = std::tuple<SqlitePlace, PostgresPlace>;

using PostgresHome = HomeIn<PostgresPlace>;
/// What the suites of the catalogue run in, test by test.
using Homes = std::tuple<SqliteHome, PostgresHome>;

}  // namespace khochung::storage
