#pragma once

#include <xapian.h>

#include <string>
#include <vector>

#include "indexer/search/kept_rights.hpp"
#include "indexer/search/statistics.hpp"
#include "indexer/search/wanted_words.hpp"

/// Which terms of the index a word of a query stands for. These throw what Xapian throws.
namespace khochung::search {

struct Variant {
  std::string term;
  Xapian::doccount documents = 0;  ///< of PublicStatistics
};

/// The database and what is known of its words and rights.
struct Vocabulary {
  const Xapian::Database& database;
  PublicStatistics& statistics;
  KeptRights& rights;
};

/// The terms that begin with `prefix`, those of most public documents first. There is no limit that
/// what is hidden could push others out of, but one far beyond the ways to mark two syllables that
/// are in use.
std::vector<Variant> variants(const Vocabulary& vocabulary, const std::string& prefix);

/// Any marks: all ways in which the index has the word; exact: the one.
std::vector<std::string> terms_of(const Vocabulary& vocabulary, const WordWanted& word);
std::vector<std::string> terms_of_pair(const Vocabulary& vocabulary, const WordWanted& first,
                                       const WordWanted& second);

/// Decides for each word of a query whether its marks count. In a query with marks a word without
/// them is meant as typed ("lao" in "người lao động"), unless the archive hardly writes it so: then
/// its marks were left out ("nguoi lao động").
WordRun as_meant(const Vocabulary& vocabulary, const std::vector<text::Token>& words,
                 bool query_has_marks);

}  // namespace khochung::search
