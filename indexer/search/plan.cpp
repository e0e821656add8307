#include "indexer/search/plan.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "indexer/search/vocabulary.hpp"

namespace khochung::search {
namespace {

using Xapian::Query;

/// Weighs by how seldom what everybody may read has one of the terms.
Query any_marking(const std::vector<std::string>& terms, PublicStatistics& statistics) {
  if (terms.empty()) return Query::MatchNothing;
  const auto words = terms.size() == 1 ? Query(terms.front())
                                       : Query(Query::OP_SYNONYM, terms.begin(), terms.end());
  return {Query::OP_SCALE_WEIGHT, words, statistics.rarity(statistics.documents_with_any(terms))};
}

Query joined(Query::op op, const std::vector<Query>& queries) {
  return {op, queries.begin(), queries.end()};
}

/// Collects what the parts of a query ask for.
class Planner {
 public:
  Planner(const Vocabulary& vocabulary, const search::Query& query, Reading reading)
      : vocabulary_(vocabulary), has_marks_(query.has_marks && reading == Reading::as_typed) {
    for (const auto& part : query.parts) add(part);
  }

  Plan plan() && {
    Plan plan;
    const auto ranked_pairs = joined(Query::OP_OR, pairs_);
    plan.all_words = joined(Query::OP_AND, words_);
    if (!pairs_.empty()) plan.all_words = Query(Query::OP_AND_MAYBE, plan.all_words, ranked_pairs);
    const auto some_word = joined(Query::OP_OR, words_);
    if (ranked_pairs.empty()) {
      plan.some_words = {with_phrases(some_word)};
    } else {
      plan.some_words = {with_phrases(Query(Query::OP_AND_MAYBE, ranked_pairs, some_word)),
                         with_phrases(Query(Query::OP_AND_MAYBE, some_word, ranked_pairs))};
    }
    plan.all_words = with_phrases(plan.all_words);
    plan.to_check = std::move(to_check_);
    plan.runs = std::move(runs_);
    return plan;
  }

 private:
  void add(const QueryPart& part) {
    // An excluded word is read by its own marks: "-mạ" must not exclude "mà".
    const bool marks_count =
        part.is_excluded ? has_marks_ || std::ranges::any_of(part.words, is_marked) : has_marks_;
    auto run = as_meant(vocabulary_, part.words, marks_count);
    for (auto& word : run) word.weight = rarity(word);
    if (part.is_phrase) {
      add_phrase(run, part.is_excluded);
    } else {
      add_words(run);
    }
    if (!part.is_excluded) runs_.push_back(std::move(run));
  }

  void add_words(const WordRun& run) {
    for (std::size_t i = 0; i < run.size(); ++i) {
      const auto key = std::pair(run[i].word.marked, run[i].marks);
      if (seen_.insert(key).second) words_.push_back(marked_word(run[i]));
      if (i == 0 || run[i].word.starts_run) continue;
      if (auto pair = marked_pair(run[i - 1], run[i]); !pair.empty())
        pairs_.push_back(std::move(pair));
    }
  }

  void add_phrase(const WordRun& run, bool is_excluded) {
    std::vector<Query> parts;
    for (std::size_t i = 1; i < run.size(); ++i) {
      if (!run[i].word.starts_run) parts.push_back(marked_pair(run[i - 1], run[i]));
    }
    const bool is_sure = run.size() <= 2 && parts.size() + 1 == run.size();
    if (parts.empty()) {
      for (const auto& word : run) parts.push_back(marked_word(word));
    }
    if (!is_sure) to_check_.push_back({run, is_excluded});
    // What only a look at the text can exclude is not excluded here.
    if (is_excluded && is_sure) excluded_.push_back(joined(Query::OP_AND, parts));
    if (!is_excluded) phrases_.push_back(joined(Query::OP_AND, parts));
  }

  [[nodiscard]] Query marked_word(const WordWanted& word) const {
    return any_marking(terms_of(vocabulary_, word), vocabulary_.statistics);
  }

  [[nodiscard]] Query marked_pair(const WordWanted& first, const WordWanted& second) const {
    return any_marking(terms_of_pair(vocabulary_, first, second), vocabulary_.statistics);
  }

  [[nodiscard]] Query with_phrases(const Query& words) const {
    auto query = words;
    if (!phrases_.empty()) {
      const auto phrases = joined(Query::OP_AND, phrases_);
      query = words_.empty() ? phrases : phrases & words;
    } else if (words_.empty()) {
      query = every_document();
    }
    if (excluded_.empty()) return query;
    return {Query::OP_AND_NOT, query, joined(Query::OP_OR, excluded_)};
  }

  [[nodiscard]] double rarity(const WordWanted& word) const {
    Xapian::doccount documents = 0;
    auto& statistics = vocabulary_.statistics;
    for (const auto& term : terms_of(vocabulary_, word))
      documents += statistics.documents_with(term);
    return std::log(1.0 + statistics.documents() / (1.0 + documents));
  }

  Vocabulary vocabulary_;
  bool has_marks_;
  std::vector<Query> words_, pairs_, phrases_, excluded_;
  std::set<std::pair<std::string, Marks>> seen_;
  std::vector<PhraseToCheck> to_check_;
  std::vector<WordRun> runs_;
};

}  // namespace

Xapian::Query every_document() {
  return Xapian::Query(std::string());
}

Plan make_plan(const Vocabulary& vocabulary, const search::Query& query, Reading reading) {
  return Planner(vocabulary, query, reading).plan();
}

}  // namespace khochung::search
