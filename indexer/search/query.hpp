#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "indexer/text/vietnamese.hpp"

namespace khochung::search {

/// Words that belong together in a query: what stood between quotation marks, or between them.
struct QueryPart {
  std::vector<text::Token> words;
  bool is_phrase = false;  ///< the words must stand exactly so
  bool is_excluded = false;
};

/// What a person typed, taken apart. Every text is a query: there are no syntax errors.
///     "công đoàn cơ sở"   a phrase (straight, curly or angle quotation marks)
///     -word  -"a phrase"  must not stand there
///     anything else       words
struct Query {
  std::vector<QueryPart> parts;
  bool has_marks = false;  ///< some wanted word has marks: the others are then meant as typed

  [[nodiscard]] bool is_empty() const { return parts.empty(); }
  [[nodiscard]] std::size_t wanted_words() const;
};

/// What is longer is cut.
inline constexpr std::size_t max_query_bytes = 1'000;
inline constexpr std::size_t max_query_words = 64;

Query parse(std::string_view typed);

/// Whether the person meant this word with exactly these marks.
inline bool is_marked(const text::Token& word) {
  return word.marked != word.folded;
}

}  // namespace khochung::search
