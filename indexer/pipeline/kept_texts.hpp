#pragma once

#include "indexer/search/text_source.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/derivatives/derivative_store.hpp"

namespace khochung::pipeline {

/// Gives search the texts that were kept when the files were read.
/// Threads: safe from many threads.
class KeptTexts final : public search::TextSource {
 public:
  KeptTexts(const storage::Catalogue& catalogue, const storage::DerivativeStore& derivatives)
      : catalogue_(catalogue), derivatives_(derivatives) {}

  Result<search::MaterialTexts> texts(MaterialId id) override;

 private:
  const storage::Catalogue& catalogue_;
  const storage::DerivativeStore& derivatives_;
};

}  // namespace khochung::pipeline
