#include "indexer/search/vocabulary.hpp"

#include <algorithm>

#include "indexer/index/terms.hpp"

namespace khochung::search {
namespace {

/// A pair of which one word counts with its marks and the other without.
std::vector<std::string> half_marked_pair(const Xapian::Database& database, const WordWanted& first,
                                          const WordWanted& second) {
  std::vector<std::string> terms;
  for (const auto& variant :
       variants(database, index::pair_prefix(first.word.folded, second.word.folded))) {
    const auto words = index::words_of_term(variant.term);
    const auto blank = words.find(' ');
    const bool fits = first.marks == Marks::exact
                          ? words.compare(0, blank, first.word.marked) == 0
                          : words.compare(blank + 1, std::string::npos, second.word.marked) == 0;
    if (fits) terms.push_back(variant.term);
  }
  return terms;
}

std::vector<std::string> terms_under(const Xapian::Database& database, const std::string& prefix) {
  std::vector<std::string> terms;
  for (auto& variant : variants(database, prefix)) terms.push_back(std::move(variant.term));
  return terms;
}

bool marks_were_left_out(const Xapian::Database& database, const text::Token& word) {
  constexpr Xapian::doccount rare = 50;
  const auto as_typed = database.get_termfreq(index::syllable_term(word));
  const auto all = variants(database, index::syllable_prefix(word.folded), 1);
  return !all.empty() && all.front().documents / rare > as_typed;
}

}  // namespace

std::vector<Variant> variants(const Xapian::Database& database, const std::string& prefix,
                              std::size_t limit) {
  std::vector<Variant> found;
  const auto end = database.allterms_end(prefix);
  for (auto term = database.allterms_begin(prefix); term != end; ++term)
    found.push_back({*term, term.get_termfreq()});
  std::ranges::stable_sort(found, std::ranges::greater{}, &Variant::documents);
  if (found.size() > limit) found.resize(limit);
  return found;
}

std::vector<std::string> terms_of(const Xapian::Database& database, const WordWanted& word) {
  if (word.marks == Marks::exact) return {index::syllable_term(word.word)};
  return terms_under(database, index::syllable_prefix(word.word.folded));
}

std::vector<std::string> terms_of_pair(const Xapian::Database& database, const WordWanted& first,
                                       const WordWanted& second) {
  if (first.marks != second.marks) return half_marked_pair(database, first, second);
  if (first.marks == Marks::exact) return {index::pair_term(first.word, second.word)};
  return terms_under(database, index::pair_prefix(first.word.folded, second.word.folded));
}

WordRun as_meant(const Xapian::Database& database, const std::vector<text::Token>& words,
                 bool query_has_marks) {
  WordRun wanted;
  for (const auto& word : words) {
    const bool is_exact =
        query_has_marks && (word.marked != word.folded || !marks_were_left_out(database, word));
    wanted.push_back({word, is_exact ? Marks::exact : Marks::any, 1});
  }
  return wanted;
}

}  // namespace khochung::search
