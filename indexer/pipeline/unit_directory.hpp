#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "indexer/pipeline/materials.hpp"
#include "indexer/pipeline/owed_records.hpp"
#include "schemas/guarded.hpp"
#include "schemas/record.hpp"
#include "schemas/unit_changes.hpp"
#include "storage/audit/event.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/packages/package_history.hpp"
#include "storage/records/record_store.hpp"

namespace khochung::pipeline {

/// The units as everyone sees them today: an immutable tree that is replaced when a unit changes,
/// and at midnight, when what was decided for the new day begins to hold.
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

  /// Adds units, or changes those with the same id or, where it is not set, the same code: all or
  /// none. Numbers of new ones are given here. Errors: bad_input when the tree would break.
  Result<std::vector<Unit>> put(std::vector<Unit> units, const Change& change);
  /// Carries out a decision about units and gives those that changed.
  /// Errors: those of changed_by().
  Result<std::vector<Unit>> carry_out(const UnitChange& decision, const Change& change);

  /// Takes over those revisions of another archive's unit that are not here yet, as they are.
  /// Gives how many were new.
  /// Errors: conflict when another history of the same id is here, or another unit has its code,
  /// its number or its place at the root; bad_input when the unit above it is not here.
  Result<std::size_t> adopt(const storage::PackagedHistory& history, std::string_view by);

 private:
  UnitDirectory(storage::Catalogue& catalogue, storage::RecordStore& records, OwedRecords& owed)
      : catalogue_(catalogue), records_(records), owed_(owed) {}
  /// The units of the present tree with `changed` in their places.
  Result<void> replace(const std::vector<Unit>& changed, const Change& change,
                       std::string_view action);
  Result<storage::Catalogue::NewUnit> next_revision(const Unit& unit, bool is_new,
                                                    const Change& change, std::string_view action);
  [[nodiscard]] std::shared_ptr<const UnitTree> tree_of_today() const;
  std::shared_ptr<const UnitTree> show(UnitTree tree) const;

  storage::Catalogue& catalogue_;
  storage::RecordStore& records_;
  OwedRecords& owed_;
  /// A tree, and when its day ends.
  struct Present {
    std::shared_ptr<const UnitTree> tree = std::make_shared<const UnitTree>();
    Instant until = Instant::max();
  };
  mutable std::mutex writing_;
  mutable Guarded<Present> present_;
};

}  // namespace khochung::pipeline
