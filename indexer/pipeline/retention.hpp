#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "indexer/pipeline/record_writer.hpp"
#include "schemas/retention.hpp"

namespace khochung::pipeline {

/// The retention table, and what is due by it. Threads: safe from many threads.
class Retention {
 public:
  Retention(storage::Catalogue& catalogue, RecordWriter& writer)
      : catalogue_(catalogue), writer_(writer) {}

  struct Kept {
    RetentionTable table;
    int revision = 0;  ///< 0: nobody has edited the proposal yet
  };
  [[nodiscard]] Result<Kept> table() const;
  /// Errors: precondition_failed when `expected` is not the newest revision.
  Result<Kept> set_table(const RetentionTable& table, int expected, const Change& change);

  struct DueMaterial {
    storage::CatalogueEntry entry;
    std::chrono::year_month_day due;
  };
  struct DueList {
    std::vector<DueMaterial> materials;
    std::string next;  ///< where the list goes on; empty at its end
  };
  /// What may be destroyed on `day`, beginning after `after`, a `next` from before: by class, then
  /// by year. It looks at no more than `limit` materials, so a part may be empty and yet not the
  /// last. Errors: bad_input when `after` is no such place.
  [[nodiscard]] Result<DueList> due(std::chrono::year_month_day day, const std::string& after,
                                    int limit) const;

 private:
  storage::Catalogue& catalogue_;
  RecordWriter& writer_;
};

}  // namespace khochung::pipeline
