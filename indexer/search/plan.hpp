#pragma once

#include <xapian.h>

#include <vector>

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
  Xapian::Query all_words;   ///< documents with all wanted words; pairs only rank
  Xapian::Query some_words;  ///< documents with some pair of neighbours, else some word
  std::vector<PhraseToCheck> to_check;
  std::vector<WordRun> runs;  ///< for finding the words in a text
};

/// A query of its own that every document fits. Xapian::Query::MatchAll is one object for all
/// threads, and its owners are counted without a lock: searches side by side destroyed it.
Xapian::Query every_document();

/// Throws what Xapian throws.
Plan make_plan(const Xapian::Database& database, const Query& query, Reading reading);

}  // namespace khochung::search
