#pragma once

#include <xapian.h>

#include <string>
#include <string_view>
#include <vector>

#include "indexer/search/answer.hpp"
#include "indexer/search/query.hpp"
#include "indexer/search/vocabulary.hpp"

/// What the archive proposes by itself: built from what everybody may read, and nothing else. These
/// throw what Xapian throws.
namespace khochung::search {

/// Titles in which the words typed so far stand one after the other, the last one perhaps cut
/// short; at most `limit`. Titles that begin so come first.
std::vector<Suggestion> suggest_titles(const Xapian::Database& database, std::string_view typed,
                                       Instant now, std::size_t limit);

/// The query with words that the archive has, where it has none of those typed; empty when nothing
/// near is found.
std::string did_you_mean(const Vocabulary& vocabulary, const Query& query);

}  // namespace khochung::search
