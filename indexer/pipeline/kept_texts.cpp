#include "indexer/pipeline/kept_texts.hpp"

#include "indexer/pipeline/page_map.hpp"

namespace khochung::pipeline {

Result<search::MaterialTexts> KeptTexts::texts(MaterialId id) {
  const auto entry = KHOCHUNG_TRY(catalogue_.material(id));
  return search::MaterialTexts{search::searched_fields(entry.material),
                               page_texts(entry.material, derivatives_)};
}

}  // namespace khochung::pipeline
