#pragma once

#include <vector>

#include "indexer/pipeline/materials.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/derivatives/derivative_store.hpp"

namespace khochung::pipeline {

/// Puts loose sheets together into one document and takes them apart again. Bytes and readings stay
/// as they are; only records change, so each step can be seen in the history. Threads: safe from
/// many threads.
class Sheets {
 public:
  Sheets(storage::Catalogue& catalogue, const storage::DerivativeStore& derivatives,
         Materials& materials)
      : catalogue_(catalogue), derivatives_(derivatives), materials_(materials) {}

  /// The first material gets the files of the others, in this order; the others are withdrawn with
  /// a notice. Errors: bad_input for fewer than two; not_found.
  Result<Material> merge(const std::vector<MaterialId>& ids, const Change& change);

  /// Each file but the first becomes a material of its own. Gives the new ones.
  /// Errors: bad_input when there is only one file; not_found.
  Result<std::vector<Material>> split(MaterialId id, const Change& change);

 private:
  storage::Catalogue& catalogue_;
  const storage::DerivativeStore& derivatives_;
  Materials& materials_;
};

}  // namespace khochung::pipeline
