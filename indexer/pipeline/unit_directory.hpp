#pragma once

#include <memory>
#include <string_view>

#include "indexer/pipeline/owed_records.hpp"
#include "schemas/guarded.hpp"
#include "schemas/record.hpp"
#include "schemas/unit.hpp"
#include "storage/audit/event.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/packages/package_history.hpp"
#include "storage/records/record_store.hpp"

namespace khochung::pipeline {

/// The units as everyone sees them now: an immutable tree that is replaced when a unit changes.
/// Threads: safe from many threads.
class UnitDirectory {
 public:
  /// Where the first unit of a new archive comes from.
  enum class FirstUnit { is_made, is_imported };
  /// Reads the tree from the catalogue and makes the root unit on first use.
  static Result<std::unique_ptr<UnitDirectory>> open(storage::Catalogue& catalogue,
                                                     storage::RecordStore& records,
                                                     OwedRecords& owed,
                                                     FirstUnit first_unit = FirstUnit::is_made);

  [[nodiscard]] std::shared_ptr<const UnitTree> tree() const;

  /// Adds a unit, or changes the one with the same code; its number is given here.
  /// Errors: bad_input when the tree would break.
  Result<Unit> put(Unit unit, std::string_view by);

  /// Takes over those revisions of another archive's unit that are not here yet, as they are.
  /// Gives how many were new.
  /// Errors: conflict when another history of the same id is here, or another unit has its code,
  /// its number or its place at the root; bad_input when the unit above it is not here.
  Result<std::size_t> adopt(const storage::PackagedHistory& history, std::string_view by);

 private:
  UnitDirectory(storage::Catalogue& catalogue, storage::RecordStore& records, OwedRecords& owed)
      : catalogue_(catalogue), records_(records), owed_(owed) {}
  Result<void> write(const Unit& unit, bool is_new, std::string_view by);
  Result<void> keep(const Unit& unit, const Record& record, storage::AuditEvent event);

  storage::Catalogue& catalogue_;
  storage::RecordStore& records_;
  OwedRecords& owed_;
  std::mutex writing_;
  Guarded<std::shared_ptr<const UnitTree>> tree_{std::make_shared<const UnitTree>()};
};

}  // namespace khochung::pipeline
