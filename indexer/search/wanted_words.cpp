#include "indexer/search/wanted_words.hpp"

#include <algorithm>

namespace khochung::search {

WantedWords::WantedWords(std::vector<WordRun> runs) : runs_(std::move(runs)) {
  for (std::size_t run = 0; run < runs_.size(); ++run) {
    for (std::size_t at = 0; at < runs_[run].size(); ++at) {
      const auto& wanted = runs_[run][at];
      const auto same = std::ranges::find_if(words_, [&](const WordWanted& word) {
        return word.marks == wanted.marks && word.matches(wanted.word);
      });
      const auto word = static_cast<std::size_t>(same - words_.begin());
      if (same == words_.end()) words_.push_back(wanted);
      by_folded_.emplace(wanted.word.folded, Place{run, at, word});
    }
  }
}

bool WantedWords::follows(const text::Token& before, const text::Token& token) const {
  const auto [from, to] = by_folded_.equal_range(token.folded);
  return std::any_of(from, to, [&](const auto& entry) {
    const auto& [run, at, word] = entry.second;
    return at > 0 && runs_[run][at].matches(token) && runs_[run][at - 1].matches(before);
  });
}

std::vector<WordFound> WantedWords::find_in(const std::vector<text::Token>& tokens) const {
  std::vector<WordFound> found;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto [from, to] = by_folded_.equal_range(tokens[i].folded);
    const auto place = std::find_if(from, to, [&](const auto& entry) {
      return runs_[entry.second.run][entry.second.at].matches(tokens[i]);
    });
    if (place == to) continue;
    WordFound here{i, place->second.word, false};
    if (!found.empty() && found.back().token + 1 == i && !tokens[i].starts_run &&
        follows(tokens[i - 1], tokens[i])) {
      found.back().in_pair = true;
      here.in_pair = true;
    }
    found.push_back(here);
  }
  return found;
}

std::vector<WordFound> worth_marking(std::vector<WordFound> found) {
  if (std::ranges::any_of(found, &WordFound::in_pair))
    std::erase_if(found, [](const WordFound& word) { return !word.in_pair; });
  return found;
}

bool has_phrase(const std::vector<text::Token>& tokens, const WordRun& phrase) {
  if (phrase.empty()) return true;
  for (std::size_t from = 0; from + phrase.size() <= tokens.size(); ++from) {
    std::size_t at = 0;
    while (at < phrase.size() && phrase[at].matches(tokens[from + at]) &&
           (at == 0 || !tokens[from + at].starts_run || phrase[at].word.starts_run))
      ++at;
    if (at == phrase.size()) return true;
  }
  return false;
}

std::vector<WordRun> runs_of(const Query& query) {
  std::vector<WordRun> runs;
  for (const auto& part : query.parts) {
    if (part.is_excluded) continue;
    WordRun run;
    for (const auto& word : part.words)
      run.push_back({word, is_marked(word) ? Marks::exact : Marks::any, 1});
    runs.push_back(std::move(run));
  }
  return runs;
}

}  // namespace khochung::search
