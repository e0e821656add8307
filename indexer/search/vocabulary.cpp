#include "indexer/search/vocabulary.hpp"

#include <algorithm>

#include "indexer/index/terms.hpp"

namespace khochung::search {
namespace {

/// A pair of which one word counts with its marks and the other without.
std::vector<std::string> half_marked_pair(const Vocabulary& vocabulary, const WordWanted& first,
                                          const WordWanted& second) {
  std::vector<std::string> terms;
  for (const auto& variant :
       variants(vocabulary, index::pair_prefix(first.word.folded, second.word.folded))) {
    const auto words = index::words_of_term(variant.term);
    const auto blank = words.find(' ');
    const bool fits = first.marks == Marks::exact
                          ? words.compare(0, blank, first.word.marked) == 0
                          : words.compare(blank + 1, std::string::npos, second.word.marked) == 0;
    if (fits) terms.push_back(variant.term);
  }
  return terms;
}

std::vector<std::string> terms_under(const Vocabulary& vocabulary, const std::string& prefix) {
  std::vector<std::string> terms;
  for (auto& variant : variants(vocabulary, prefix)) terms.push_back(std::move(variant.term));
  return terms;
}

bool marks_were_left_out(const Vocabulary& vocabulary, const text::Token& word) {
  constexpr Xapian::doccount rare = 50;
  const auto as_typed = vocabulary.statistics.documents_with(index::syllable_term(word));
  const auto all = variants(vocabulary, index::syllable_prefix(word.folded));
  return !all.empty() && all.front().documents / rare > as_typed;
}

}  // namespace

std::vector<Variant> variants(const Vocabulary& vocabulary, const std::string& prefix) {
  constexpr std::size_t most = 1'000;
  std::vector<Variant> found;
  const auto end = vocabulary.database.allterms_end(prefix);
  for (auto term = vocabulary.database.allterms_begin(prefix); term != end && found.size() < most;
       ++term)
    found.push_back({*term, vocabulary.statistics.documents_with(*term)});
  std::ranges::stable_sort(found, std::ranges::greater{}, &Variant::documents);
  return found;
}

std::vector<std::string> terms_of(const Vocabulary& vocabulary, const WordWanted& word) {
  if (word.marks == Marks::exact) return {index::syllable_term(word.word)};
  return terms_under(vocabulary, index::syllable_prefix(word.word.folded));
}

std::vector<std::string> terms_of_pair(const Vocabulary& vocabulary, const WordWanted& first,
                                       const WordWanted& second) {
  if (first.marks != second.marks) return half_marked_pair(vocabulary, first, second);
  if (first.marks == Marks::exact) return {index::pair_term(first.word, second.word)};
  return terms_under(vocabulary, index::pair_prefix(first.word.folded, second.word.folded));
}

WordRun as_meant(const Vocabulary& vocabulary, const std::vector<text::Token>& words,
                 bool query_has_marks) {
  WordRun wanted;
  for (const auto& word : words) {
    const bool is_exact =
        query_has_marks && (word.marked != word.folded || !marks_were_left_out(vocabulary, word));
    wanted.push_back({word, is_exact ? Marks::exact : Marks::any, 1});
  }
  return wanted;
}

}  // namespace khochung::search
