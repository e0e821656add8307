#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "indexer/search/answer.hpp"
#include "indexer/search/text_source.hpp"
#include "storage/derivatives/derivative_store.hpp"

namespace khochung::search {

/// Answers queries from an index, as its last commit left it.
/// Threads: safe from many threads; each search has a database handle of its own.
class Searcher {
 public:
  /// The folder of an index::Index. Nothing is opened before the first search.
  explicit Searcher(std::filesystem::path folder);
  ~Searcher();
  Searcher(const Searcher&) = delete;
  Searcher& operator=(const Searcher&) = delete;

  /// Words without marks find every marking; words with marks find those first, and where too
  /// little is found all markings, with a notice. Up to four words: all must stand in the
  /// document; if nothing has all, documents with some, with a notice.
  /// Errors: corrupt (build the index anew); unavailable (retry).
  Result<SearchAnswer> search(const SearchRequest& request, TextSource& texts) const;

  /// Titles for a search box while a person types; only of what everybody may read.
  Result<std::vector<Suggestion>> suggest(std::string_view typed, Instant now,
                                          std::size_t limit = 10) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Which words of a page to draw a box around on its picture.
std::vector<std::size_t> highlight_words(std::string_view query,
                                         const std::vector<storage::PageWord>& words);

}  // namespace khochung::search
