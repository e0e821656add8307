#include "indexer/search/phrase_check.hpp"

namespace khochung::search {

bool texts_pass(const MaterialTexts& texts, const std::vector<PhraseToCheck>& phrases) {
  std::vector<bool> found(phrases.size(), false);
  const auto look = [&](const std::string& text) {
    const auto tokens = text::tokenise(text);
    for (std::size_t i = 0; i < phrases.size(); ++i)
      found[i] = found[i] || has_phrase(tokens, phrases[i].words);
  };
  for (const auto& field : texts.fields) look(field);
  for (const auto& page : texts.pages) look(page);
  for (std::size_t i = 0; i < phrases.size(); ++i) {
    if (found[i] == phrases[i].is_excluded) return false;
  }
  return true;
}

}  // namespace khochung::search
