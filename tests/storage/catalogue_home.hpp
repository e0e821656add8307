#pragma once

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <memory>
#include <string_view>

#include "storage/catalogue/catalogue.hpp"
#include "tests/storage/samples.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {

/// A catalogue in a folder of its own.
struct Home {
  TemporaryFolder folder;
  std::filesystem::path file = folder.path() / "catalogue.sqlite";
  std::unique_ptr<Catalogue> opened = Catalogue::open(file).value();
  Catalogue& catalogue = *opened;
  UnitId unit = UnitId::make();

  Material put(std::string_view content) {
    auto material = sample_material(unit, content);
    BOOST_TEST_REQUIRE(catalogue.put_material(sample_entry(material)).has_value());
    return material;
  }
  void open_again() {
    opened.reset();
    reopened = Catalogue::open(file).value();
  }
  std::unique_ptr<Catalogue> reopened;
};

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
