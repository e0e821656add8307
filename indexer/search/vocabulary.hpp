#pragma once

#include <xapian.h>

#include <string>
#include <vector>

#include "indexer/search/wanted_words.hpp"

/// Which terms of the index a word of a query stands for. These throw what Xapian throws.
namespace khochung::search {

struct Variant {
  std::string term;
  Xapian::doccount documents = 0;
};

/// The terms that begin with `prefix`, most frequent first, at most `limit`.
std::vector<Variant> variants(const Xapian::Database& database, const std::string& prefix,
                              std::size_t limit = 48);

/// Any marks: all ways in which the index has the word; exact: the one.
std::vector<std::string> terms_of(const Xapian::Database& database, const WordWanted& word);
std::vector<std::string> terms_of_pair(const Xapian::Database& database, const WordWanted& first,
                                       const WordWanted& second);

/// Decides for each word of a query whether its marks count. In a query with marks a word without
/// them is meant as typed ("lao" in "người lao động"), unless the archive hardly writes it so: then
/// its marks were left out ("nguoi lao động").
WordRun as_meant(const Xapian::Database& database, const std::vector<text::Token>& words,
                 bool query_has_marks);

}  // namespace khochung::search
