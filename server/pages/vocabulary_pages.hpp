#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schemas/vocabulary.hpp"
#include "server/pages/pages.hpp"

/// The pages of controlled words. Pure, as all pages.
namespace khochung::pages {

std::string vocabularies_page(const PageContext& context, const std::vector<Vocabulary>& all);

/// One vocabulary; for those who may, with a form for one of its concepts.
struct VocabularyView {
  const Vocabulary& vocabulary;
  int revision = 0;
  bool may_edit = false;
  std::optional<Concept> typed;  ///< what the form shows; none: no form
  bool is_new = false;           ///< the form is for a further concept
  bool is_saved = false;
  std::string error;
};
std::string vocabulary_page(const PageContext& context, const VocabularyView& view);

}  // namespace khochung::pages
