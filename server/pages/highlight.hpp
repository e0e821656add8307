#pragma once

#include <string>
#include <string_view>

namespace khochung::pages {

/// `plain`, escaped, with the words of `query` in `<mark>`. A query with tone marks means just
/// those words, else their folded forms count; of a query of several words, single ones are marked
/// only where no two stand together.
std::string highlighted(std::string_view plain, std::string_view query);

}  // namespace khochung::pages
