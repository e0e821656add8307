#pragma once

#include <functional>
#include <stop_token>

#include "indexer/index/index.hpp"
#include "indexer/pipeline/bell.hpp"
#include "indexer/pipeline/page_map.hpp"
#include "indexer/pipeline/unit_directory.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/derivatives/derivative_store.hpp"

namespace khochung::pipeline {

/// Whether a material is ever shown in a search: not in quarantine, not withdrawn.
bool is_findable(const Material& material);

/// What the index is told of a material. Errors: not_found when its unit is not in the tree.
Result<index::IndexDocument> index_document(const Material& material, const UnitTree& tree,
                                            const storage::DerivativeStore& derivatives);

/// What was read is not synced, so a power cut may take it: then a job reads it again, and until
/// that is done the material is found by its title.
Result<void> ask_for_lost_reading(const storage::CatalogueEntry& entry,
                                  const storage::DerivativeStore& derivatives,
                                  storage::Catalogue& catalogue);

/// Brings every change of the catalogue into the index, in groups under one commit.
/// Threads: run() on one thread; the rest from any.
class IndexFeeder {
 public:
  IndexFeeder(storage::Catalogue& catalogue, const storage::DerivativeStore& derivatives,
              UnitDirectory& units, index::Index& index, Bell& bell)
      : catalogue_(catalogue),
        derivatives_(derivatives),
        units_(units),
        index_(index),
        bell_(bell) {}

  /// Works until a stop is wanted; what is left then stays marked in the catalogue. `went_well` is
  /// called after each group.
  /// Errors: those of index and catalogue; the index is then in no known state.
  Result<void> run(const std::stop_token& stop, const std::function<void()>& went_well);
  /// One group. Gives how many materials went in.
  Result<std::size_t> feed();

 private:
  Result<void> add(const storage::CatalogueEntry& entry, const UnitTree& tree);

  storage::Catalogue& catalogue_;
  const storage::DerivativeStore& derivatives_;
  UnitDirectory& units_;
  index::Index& index_;
  Bell& bell_;
};

}  // namespace khochung::pipeline
