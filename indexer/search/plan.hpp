#pragma once

#include <xapian.h>

#include <vector>

#include "indexer/search/vocabulary.hpp"
#include "indexer/search/wanted_words.hpp"

namespace khochung::search {

/// How far the marks that were typed are taken.
enum class Reading {
  as_typed,      ///< words with marks count with them
  without_marks  ///< all ways to mark each word count
};

/// A phrase of three words and more: its pairs stand in the document, its text has to be looked at.
struct PhraseToCheck {
  WordRun words;
  bool is_excluded = false;
};

/// A query as terms of one index. Built from syllables and pairs of neighbours, see terms.hpp.
struct Plan {
  Xapian::Query all_words;  ///< documents with all wanted words; pairs only rank
  /// Documents with some pair of neighbours, and those with some word; the first that finds
  /// something for the viewer counts, since which pairs the index has is not everybody's to know.
  std::vector<Xapian::Query> some_words;
  std::vector<PhraseToCheck> to_check;
  std::vector<WordRun> runs;  ///< for finding the words in a text
};

/// A query of its own that every document fits. Xapian::Query::MatchAll is one object for all
/// threads, and its owners are counted without a lock: searches side by side destroyed it.
Xapian::Query every_document();

/// Throws what Xapian throws.
Plan make_plan(const Vocabulary& vocabulary, const Query& query, Reading reading);

}  // namespace khochung::search
