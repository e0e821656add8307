#pragma once

#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/catalogue/catalogue.hpp"
#include "storage/catalogue/sqlite_connection.hpp"
#include "tests/storage/samples.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {

inline std::vector<std::string> names_of(Result<Rows> begun) {
  auto rows = std::move(begun).value();
  std::vector<std::string> names;
  while (rows.next().value()) names.push_back(rows.text(0));
  return names;
}

/// A file for a catalogue.
struct SqlitePlace {
  TemporaryFolder folder;
  std::string location = (folder.path() / "catalogue.sqlite").string();

  [[nodiscard]] std::unique_ptr<Connection> connect(Mode mode) const {
    return SqliteConnection::open(location, mode).value();
  }
  static std::string set_version(int version) {
    return "PRAGMA user_version = " + std::to_string(version);
  }
  static std::string bytes(const std::string& hex) { return "x'" + hex + "'"; }
  static void wait_until_left() {}
  /// Of the catalogue, by name.
  static std::vector<std::string> tables(Connection& connection) {
    return names_of(
        connection.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE "
                         "'sqlite_%' ORDER BY name"));
  }
};

/// A catalogue in a place of its own.
template <typename Place>
struct HomeIn : Place {
  std::unique_ptr<Catalogue> opened = Catalogue::open(this->location).value();
  Catalogue& catalogue = *opened;
  UnitId unit = UnitId::make();

  Material put(std::string_view content) {
    auto material = sample_material(unit, content);
    BOOST_TEST_REQUIRE(catalogue.put_material(sample_entry(material)).has_value());
    return material;
  }
  void open_again() {
    opened.reset();
    reopened = Catalogue::open(this->location).value();
  }
  std::unique_ptr<Catalogue> reopened;
};

using SqliteHome = HomeIn<SqlitePlace>;

inline Job job_of(const Material& material, std::string_view task, Lane lane = Lane::quick) {
  Job job;
  job.lane = lane;
  job.task = task;
  job.material = material.id;
  return job;
}

inline BatchItem line_of(const Material& material, std::string_view path) {
  BatchItem item;
  item.batch = material.batch;
  item.path = path;
  item.material = material.id;
  return item;
}

}  // namespace khochung::storage
