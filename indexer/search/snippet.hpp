#pragma once

#include <string>
#include <vector>

#include "indexer/search/wanted_words.hpp"

namespace khochung::search {

struct Snippet {
  int page = 0;  ///< from 1; 0: no word of the query stands in any page
  std::string html;
};

/// The stretch of about 240 characters that shows best why a text was found, with the words in
/// <mark>. The text is escaped. Without a word found: how the text begins.
/// Speed: pages are read until all words stand together, and at most 2 MB.
Snippet make_snippet(const std::vector<std::string>& pages, const WantedWords& wanted);

/// `text` safe between tags and in attributes.
std::string escape_html(std::string_view text);

}  // namespace khochung::search
