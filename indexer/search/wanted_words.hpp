#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "indexer/search/query.hpp"

/// Finding the words of a query in a text: for snippets, for boxes on page pictures, for phrases.
namespace khochung::search {

/// How the marks of a word count.
enum class Marks { exact, any };

struct WordWanted {
  text::Token word;
  Marks marks = Marks::any;
  double weight = 1;  ///< rare words weigh more

  [[nodiscard]] bool matches(const text::Token& token) const {
    return marks == Marks::exact ? token.marked == word.marked : token.folded == word.folded;
  }
};

/// Words that follow each other in the query.
using WordRun = std::vector<WordWanted>;

/// A token of a text that is a word of the query.
struct WordFound {
  std::size_t token = 0;
  std::size_t word = 0;  ///< which one, counted over all runs
  bool in_pair = false;  ///< a neighbour in the text is its neighbour in the query
};

/// All words of a query, ready to be looked for.
class WantedWords {
 public:
  explicit WantedWords(std::vector<WordRun> runs);

  [[nodiscard]] bool is_empty() const { return words_.empty(); }
  [[nodiscard]] std::size_t count() const { return words_.size(); }
  [[nodiscard]] double weight(std::size_t word) const { return words_[word].weight; }
  [[nodiscard]] std::vector<WordFound> find_in(const std::vector<text::Token>& tokens) const;

 private:
  [[nodiscard]] bool follows(const text::Token& before, const text::Token& token) const;

  struct Place {
    std::size_t run, at, word;
  };
  std::vector<WordRun> runs_;
  std::vector<WordWanted> words_;  ///< each once
  std::unordered_multimap<std::string, Place> by_folded_;
};

/// Those of `found` that help a reader: words beside their neighbour; where there is none, all.
std::vector<WordFound> worth_marking(std::vector<WordFound> found);

/// Whether the words stand in the text one after the other, within a run.
bool has_phrase(const std::vector<text::Token>& tokens, const WordRun& phrase);

/// The words of a query by its text alone, without an index that knows which marks were left out.
std::vector<WordRun> runs_of(const Query& query);

}  // namespace khochung::search
