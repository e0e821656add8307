#include "indexer/search/searcher.hpp"

#include <xapian.h>

#include <algorithm>
#include <mutex>
#include <optional>

#include "indexer/index/folder.hpp"
#include "indexer/index/metadata.hpp"
#include "indexer/index/xapian_guard.hpp"
#include "indexer/search/lookup.hpp"
#include "indexer/search/suggest.hpp"

namespace khochung::search {
namespace {

/// A database of the index, opened once and used by one search at a time.
struct Handle {
  std::filesystem::path generation;
  Xapian::Database database;
  /// Of the commit that the database shows.
  std::optional<PublicStatistics> statistics;
  std::optional<KeptRights> rights;

  /// Shows the newest commit.
  void refresh() {
    if (!database.reopen()) return;
    statistics.reset();
    rights.reset();
  }
  Vocabulary vocabulary() {
    if (!statistics) statistics.emplace(database);
    if (!rights) rights.emplace(database);
    return {database, *statistics, *rights};
  }
};

}  // namespace

struct Searcher::State {
  std::filesystem::path folder;
  std::mutex mutex;
  std::vector<std::unique_ptr<Handle>> idle;

  /// A handle on the newest commit of the generation in use.
  Result<std::unique_ptr<Handle>> take() {
    const auto current = KHOCHUNG_TRY(index::current_generation(folder));
    if (auto handle = take_idle(current)) {
      handle->refresh();
      return handle;
    }
    auto handle =
        std::make_unique<Handle>(Handle{current, Xapian::Database(current.string()), {}, {}});
    KHOCHUNG_CHECK(index::check_format(handle->database));
    return handle;
  }

  std::unique_ptr<Handle> take_idle(const std::filesystem::path& current) {
    const std::scoped_lock lock(mutex);
    std::erase_if(idle, [&](const auto& handle) { return handle->generation != current; });
    if (idle.empty()) return nullptr;
    auto handle = std::move(idle.back());
    idle.pop_back();
    return handle;
  }

  void give_back(std::unique_ptr<Handle> handle) {
    const std::scoped_lock lock(mutex);
    idle.push_back(std::move(handle));
  }

  /// Runs `work` on a database; again when the writer has overtaken it or the generation changed.
  template <typename Work>
  auto run(Work&& work) -> decltype(work(std::declval<Handle&>())) {
    constexpr int tries = 3;
    for (int attempt = 1;; ++attempt) {
      std::unique_ptr<Handle> handle;
      auto result = index::guarded([&]() -> decltype(work(std::declval<Handle&>())) {
        handle = KHOCHUNG_TRY(take());
        return work(*handle);
      });
      if (result) {
        give_back(std::move(handle));
        return result;
      }
      // After an error the handle is thrown away: a fresh one sees the index as it is now.
      const auto code = result.error().code;
      const bool can_help = code == ErrorCode::unavailable || code == ErrorCode::not_found;
      if (!can_help || attempt == tries) return result;
    }
  }
};

Searcher::Searcher(std::filesystem::path folder) : state_(std::make_unique<State>()) {
  state_->folder = std::move(folder);
}
Searcher::~Searcher() = default;

Result<SearchAnswer> Searcher::search(const SearchRequest& request, TextSource& texts) const {
  return state_->run([&](Handle& handle) -> Result<SearchAnswer> {
    return Lookup(handle.vocabulary(), request, texts).answer();
  });
}

Result<std::vector<Suggestion>> Searcher::suggest(std::string_view typed, Instant now,
                                                  std::size_t limit) const {
  return state_->run([&](Handle& handle) -> Result<std::vector<Suggestion>> {
    return suggest_titles(handle.database, typed, now, limit);
  });
}

std::vector<std::size_t> highlight_words(std::string_view query,
                                         const std::vector<storage::PageWord>& words) {
  const WantedWords wanted(runs_of(parse(query)));
  // The words are joined as a line, so that "an toàn," and "đoàn-viên" are read as in a text.
  std::string line;
  std::vector<std::size_t> ends;
  for (const auto& word : words) {
    line.append(word.text).push_back(' ');
    ends.push_back(line.size());
  }
  const auto tokens = text::tokenise(line);
  std::vector<std::size_t> boxes;
  for (const auto& found : worth_marking(wanted.find_in(tokens))) {
    const auto at = std::ranges::upper_bound(ends, tokens[found.token].begin) - ends.begin();
    if (boxes.empty() || boxes.back() != static_cast<std::size_t>(at))
      boxes.push_back(static_cast<std::size_t>(at));
  }
  return boxes;
}

}  // namespace khochung::search
