#pragma once

#include <memory>
#include <string_view>

#include "indexer/pipeline/owed_records.hpp"
#include "schemas/guarded.hpp"
#include "schemas/unit.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/records/record_store.hpp"

namespace khochung::pipeline {

/// The units as everyone sees them now: an immutable tree that is replaced when a unit changes.
/// Threads: safe from many threads.
class UnitDirectory {
 public:
  /// Reads the tree from the catalogue and makes the root unit on first use.
  static Result<std::unique_ptr<UnitDirectory>> open(storage::Catalogue& catalogue,
                                                     storage::RecordStore& records,
                                                     OwedRecords& owed);

  [[nodiscard]] std::shared_ptr<const UnitTree> tree() const;

  /// Adds a unit, or changes the one with the same code; its number is given here.
  /// Errors: bad_input when the tree would break.
  Result<Unit> put(Unit unit, std::string_view by);

 private:
  UnitDirectory(storage::Catalogue& catalogue, storage::RecordStore& records, OwedRecords& owed)
      : catalogue_(catalogue), records_(records), owed_(owed) {}
  Result<void> write(const Unit& unit, bool is_new, std::string_view by);

  storage::Catalogue& catalogue_;
  storage::RecordStore& records_;
  OwedRecords& owed_;
  std::mutex writing_;
  Guarded<std::shared_ptr<const UnitTree>> tree_{std::make_shared<const UnitTree>()};
};

}  // namespace khochung::pipeline
