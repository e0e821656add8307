#pragma once

#include <xapian.h>

#include <vector>

#include "indexer/search/answer.hpp"
#include "indexer/search/plan.hpp"
#include "indexer/search/rights.hpp"
#include "indexer/search/text_source.hpp"

namespace khochung::search {

/// One search on one database: tries the ways to read the query until one finds something.
/// Throws what Xapian throws.
class Lookup {
 public:
  Lookup(const Vocabulary& vocabulary, const SearchRequest& request, TextSource& texts);
  Result<SearchAnswer> answer();

 private:
  struct Found {
    Xapian::docid document;
    double score;
  };

  void browse();
  void look(const Query& query);
  void match(const Xapian::Query& wanted, const Plan& plan);
  /// The first that finds something.
  void match_one_of(const std::vector<Xapian::Query>& wanted, const Plan& plan);
  void count_matches(const Xapian::Query& query, bool keep_best, Xapian::doccount count);
  void by_age(const Xapian::Query& query, std::size_t count);
  void keep_those_with_phrases(const std::vector<PhraseToCheck>& phrases);
  [[nodiscard]] Xapian::Query filtered(const Xapian::Query& wanted) const;
  [[nodiscard]] Result<void> describe_hits();

  const Vocabulary vocabulary_;
  const Xapian::Database& database_;
  const SearchRequest& request_;
  TextSource& texts_;
  Shown shown_;
  Xapian::Query filter_;
  std::vector<Found> found_;
  std::vector<WordRun> runs_;
  SearchAnswer answer_;
};

}  // namespace khochung::search
