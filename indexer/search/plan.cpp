#include "indexer/search/plan.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "indexer/search/vocabulary.hpp"

namespace khochung::search {
namespace {

using Xapian::Query;

Query any_marking(const std::vector<std::string>& terms) {
  if (terms.empty()) return Query::MatchNothing;
  if (terms.size() == 1) return Query(terms.front());
  return {Query::OP_SYNONYM, terms.begin(), terms.end()};
}

Query joined(Query::op op, const std::vector<Query>& queries) {
  return {op, queries.begin(), queries.end()};
}

/// Collects what the parts of a query ask for.
class Planner {
 public:
  Planner(const Xapian::Database& database, const search::Query& query, Reading reading)
      : database_(database), has_marks_(query.has_marks && reading == Reading::as_typed) {
    for (const auto& part : query.parts) add(part);
  }

  Plan plan() && {
    Plan plan;
    const auto ranked_pairs = joined(Query::OP_OR, pairs_);
    plan.all_words = joined(Query::OP_AND, words_);
    if (!pairs_.empty()) plan.all_words = Query(Query::OP_AND_MAYBE, plan.all_words, ranked_pairs);
    plan.some_words = joined(Query::OP_OR, words_);
    if (!pairs_.empty() && !ranked_pairs.empty())
      plan.some_words = Query(Query::OP_AND_MAYBE, ranked_pairs, plan.some_words);
    plan.all_words = with_phrases(plan.all_words);
    plan.some_words = with_phrases(plan.some_words);
    plan.to_check = std::move(to_check_);
    plan.runs = std::move(runs_);
    return plan;
  }

 private:
  void add(const QueryPart& part) {
    // An excluded word is read by its own marks: "-mạ" must not exclude "mà".
    const bool marks_count =
        part.is_excluded ? has_marks_ || std::ranges::any_of(part.words, is_marked) : has_marks_;
    auto run = as_meant(database_, part.words, marks_count);
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
      if (seen_.insert(key).second) words_.push_back(any_marking(terms_of(database_, run[i])));
      if (i == 0 || run[i].word.starts_run) continue;
      if (auto pair = any_marking(terms_of_pair(database_, run[i - 1], run[i])); !pair.empty())
        pairs_.push_back(std::move(pair));
    }
  }

  void add_phrase(const WordRun& run, bool is_excluded) {
    std::vector<Query> parts;
    for (std::size_t i = 1; i < run.size(); ++i) {
      if (!run[i].word.starts_run)
        parts.push_back(any_marking(terms_of_pair(database_, run[i - 1], run[i])));
    }
    const bool is_sure = run.size() <= 2 && parts.size() + 1 == run.size();
    if (parts.empty()) {
      for (const auto& word : run) parts.push_back(any_marking(terms_of(database_, word)));
    }
    if (!is_sure) to_check_.push_back({run, is_excluded});
    // What only a look at the text can exclude is not excluded here.
    if (is_excluded && is_sure) excluded_.push_back(joined(Query::OP_AND, parts));
    if (!is_excluded) phrases_.push_back(joined(Query::OP_AND, parts));
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
    for (const auto& term : terms_of(database_, word)) documents += database_.get_termfreq(term);
    return std::log(1.0 + database_.get_doccount() / (1.0 + documents));
  }

  const Xapian::Database& database_;
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

Plan make_plan(const Xapian::Database& database, const search::Query& query, Reading reading) {
  return Planner(database, query, reading).plan();
}

}  // namespace khochung::search
