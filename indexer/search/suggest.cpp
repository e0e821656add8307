#include "indexer/search/suggest.hpp"

#include <algorithm>
#include <set>

#include "indexer/index/terms.hpp"
#include "indexer/search/rights.hpp"
#include "indexer/search/vocabulary.hpp"

namespace khochung::search {
namespace {

constexpr std::size_t most_title_terms = 300;

access::ReadFilter for_everybody(Instant now) {
  return access::filter_for(access::Viewer::anonymous(), UnitTree(), now);
}

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

/// How many documents that everybody may read have the word in some marking.
Xapian::doccount public_documents(const Xapian::Database& database, const std::string& folded,
                                  const Xapian::Query& readable, std::string& most_used) {
  const auto found = variants(database, index::syllable_prefix(folded), 8);
  for (const auto& variant : found) {
    Xapian::Enquire enquire(database);
    enquire.set_weighting_scheme(Xapian::BoolWeight());
    enquire.set_query(
        Xapian::Query(Xapian::Query::OP_FILTER, Xapian::Query(variant.term), readable));
    const auto documents = enquire.get_mset(0, 1, 50).get_matches_estimated();
    if (documents == 0) continue;
    most_used = index::words_of_term(variant.term);
    return documents;
  }
  return 0;
}

std::string nearest_word(const Xapian::Database& database, const std::string& folded,
                         const Xapian::Query& readable) {
  std::string best;
  Xapian::doccount most = 0;
  for (const auto& near : one_edit_away(folded)) {
    if (near.empty()) continue;
    std::string marked;
    const auto documents = public_documents(database, near, readable, marked);
    if (documents > most) {
      most = documents;
      best = marked;
    }
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
  const auto end = database.allterms_end(prefix);
  for (auto term = database.allterms_begin(prefix);
       term != end && first.size() < limit && looked_at < most_title_terms; ++term) {
    // Equal titles are one suggestion; a few documents are looked at in case some are embargoed.
    int tries = 4;
    for (auto posting = database.postlist_begin(*term);
         posting != database.postlist_end(*term) && tries > 0; ++posting, --tries, ++looked_at) {
      const auto document = database.get_document(*posting);
      const auto data = index::DocumentData::unpacked(document.get_data());
      if (!data || is_under_embargo(document, now) || !titles.insert(data->title).second) continue;
      const auto title = joined_folded(text::tokenise(data->title));
      auto& list = index::title_term(title).starts_with(prefix) ? first : later;
      list.push_back({data->id, data->title});
    }
  }
  first.insert(first.end(), later.begin(), later.end());
  if (first.size() > limit) first.resize(limit);
  return first;
}

std::string did_you_mean(const Xapian::Database& database, const Query& query, Instant now) {
  const auto readable_by_all = readable(for_everybody(now));
  std::string proposal;
  bool is_changed = false;
  for (const auto& part : query.parts) {
    if (part.is_excluded) continue;
    for (const auto& word : part.words) {
      std::string known = word.marked;
      std::string marked;
      if (is_ascii_word(word.folded) &&
          public_documents(database, word.folded, readable_by_all, marked) == 0) {
        known = nearest_word(database, word.folded, readable_by_all);
        if (known.empty()) return {};
        is_changed = true;
      }
      proposal.append(proposal.empty() ? "" : " ").append(known);
    }
  }
  return is_changed ? proposal : std::string();
}

}  // namespace khochung::search
