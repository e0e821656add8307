#pragma once

#include <vector>

#include "indexer/search/plan.hpp"
#include "indexer/search/text_source.hpp"

namespace khochung::search {

/// Whether the wanted phrases stand in the texts, and the excluded ones do not.
bool texts_pass(const MaterialTexts& texts, const std::vector<PhraseToCheck>& phrases);

}  // namespace khochung::search
