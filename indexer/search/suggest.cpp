#include "indexer/search/suggest.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "indexer/index/terms.hpp"
#include "indexer/search/vocabulary.hpp"

namespace khochung::search {
namespace {

constexpr std::size_t most_title_terms = 300;
/// So many under an embargo are nobody's archive.
constexpr std::size_t most_passed_over = 20'000;

bool is_under_embargo(const Xapian::Document& document, Instant now) {
  return now < index::RightsValue::unpacked(document.get_value(index::slot_rights)).embargo_until;
}

std::string joined_folded(const std::vector<text::Token>& tokens) {
  std::string joined;
  for (const auto& token : tokens) {
    if (!joined.empty()) joined.push_back(' ');
    joined.append(token.folded);
  }
  return joined;
}

/// The strings at one edit from `word`: a letter left out, doubled or wrong, two exchanged.
std::set<std::string> one_edit_away(const std::string& word) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz";
  std::set<std::string> near;
  for (std::size_t i = 0; i <= word.size(); ++i) {
    const auto head = word.substr(0, i);
    if (i < word.size()) near.insert(head + word.substr(i + 1));
    if (i + 1 < word.size()) near.insert(head + word[i + 1] + word[i] + word.substr(i + 2));
    for (const char letter : letters) {
      near.insert(head + letter + word.substr(i));
      if (i < word.size()) near.insert(head + letter + word.substr(i + 1));
    }
  }
  near.erase(word);
  return near;
}

/// The marking of the word that most of what everybody may read has; nothing where none has it.
std::optional<Variant> most_used(const Vocabulary& vocabulary, const std::string& folded) {
  const auto found = variants(vocabulary, index::syllable_prefix(folded));
  if (found.empty() || found.front().documents == 0) return std::nullopt;
  return found.front();
}

std::string nearest_word(const Vocabulary& vocabulary, const std::string& folded) {
  std::string best;
  Xapian::doccount most = 0;
  for (const auto& near : one_edit_away(folded)) {
    if (near.empty()) continue;
    const auto found = most_used(vocabulary, near);
    if (!found || found->documents <= most) continue;
    most = found->documents;
    best = index::words_of_term(found->term);
  }
  return best;
}

bool is_ascii_word(const std::string& word) {
  return word.size() >= 2 && word.size() <= 12 &&
         std::ranges::all_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

std::vector<Suggestion> suggest_titles(const Xapian::Database& database, std::string_view typed,
                                       Instant now, std::size_t limit) {
  std::vector<Suggestion> first, later;
  const auto tokens = text::tokenise(typed.substr(0, max_query_bytes));
  if (tokens.empty()) return first;
  const auto prefix = index::title_term(joined_folded(tokens));
  std::set<std::string> titles;
  std::size_t looked_at = 0;
  std::size_t passed_over = 0;
  const auto end = database.allterms_end(prefix);
  for (auto term = database.allterms_begin(prefix);
       term != end && first.size() < limit && looked_at < most_title_terms; ++term) {
    // Equal titles are one suggestion. What is under an embargo takes nobody's turn.
    int tries = 4;
    for (auto posting = database.postlist_begin(*term);
         posting != database.postlist_end(*term) && tries > 0; ++posting) {
      const auto document = database.get_document(*posting);
      if (is_under_embargo(document, now)) {
        if (++passed_over > most_passed_over) return first;
        continue;
      }
      --tries;
      ++looked_at;
      const auto data = index::DocumentData::unpacked(document.get_data());
      if (!data || !titles.insert(data->title).second) continue;
      const auto title = joined_folded(text::tokenise(data->title));
      auto& list = index::title_term(title).starts_with(prefix) ? first : later;
      list.push_back({data->id, data->title});
    }
  }
  first.insert(first.end(), later.begin(), later.end());
  if (first.size() > limit) first.resize(limit);
  return first;
}

std::string did_you_mean(const Vocabulary& vocabulary, const Query& query) {
  std::string proposal;
  bool is_changed = false;
  for (const auto& part : query.parts) {
    if (part.is_excluded) continue;
    for (const auto& word : part.words) {
      std::string known = word.marked;
      if (is_ascii_word(word.folded) && !most_used(vocabulary, word.folded)) {
        known = nearest_word(vocabulary, word.folded);
        if (known.empty()) return {};
        is_changed = true;
      }
      proposal.append(proposal.empty() ? "" : " ").append(known);
    }
  }
  return is_changed ? proposal : std::string();
}

}  // namespace khochung::search
