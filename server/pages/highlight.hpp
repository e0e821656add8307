#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace khochung::pages {

/// `plain`, escaped, with the words of `query` in `<mark>`. A query with tone marks means just
/// those words, else their folded forms count; of a query of several words, single ones are marked
/// only where no two stand together.
std::string highlighted(std::string_view plain, std::string_view query);

/// Which of these pages (from 1) have the words of `query`: those where two of them stand together,
/// else those that have them all.
std::vector<int> pages_with(const std::vector<std::string>& page_texts, std::string_view query);

}  // namespace khochung::pages
