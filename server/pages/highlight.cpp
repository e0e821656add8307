#include "server/pages/highlight.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "indexer/text/vietnamese.hpp"
#include "server/pages/template_engine.hpp"

namespace khochung::pages {
namespace {

using text::Token;

/// The words of a query in one of their forms, and which of them follow each other.
struct Wanted {
  std::string Token::* form;
  std::set<std::string, std::less<>> words;
  std::set<std::pair<std::string, std::string>> pairs;

  Wanted(const std::vector<Token>& query, std::string Token::* chosen_form) : form(chosen_form) {
    for (std::size_t i = 0; i < query.size(); ++i) {
      words.insert(query[i].*form);
      if (i > 0) pairs.emplace(query[i - 1].*form, query[i].*form);
    }
  }
};

/// Where the wanted words stand in a text.
struct Matches {
  std::vector<bool> single;  ///< by token: it is one of the words
  std::vector<bool> paired;  ///< by token: it stands beside its neighbour of the query
  bool has_pair = false;
  bool has_all = false;

  [[nodiscard]] const std::vector<bool>& best() const { return has_pair ? paired : single; }
};

Matches find_words(const std::vector<Token>& tokens, const Wanted& wanted) {
  Matches found{std::vector<bool>(tokens.size()), std::vector<bool>(tokens.size())};
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto word = wanted.words.find(tokens[i].*wanted.form);
    if (word == wanted.words.end()) continue;
    found.single[i] = true;
    seen.insert(*word);
    if (i == 0 || tokens[i].starts_run) continue;
    if (wanted.pairs.contains({tokens[i - 1].*wanted.form, tokens[i].*wanted.form})) {
      found.paired[i - 1] = found.paired[i] = found.has_pair = true;
    }
  }
  found.has_all = !wanted.words.empty() && seen.size() == wanted.words.size();
  return found;
}

/// With marks in the query just those words, and the folded forms where a text has none of them.
Matches find_query(const std::vector<Token>& tokens, std::string_view query) {
  const auto words = text::tokenise(query);
  if (text::has_marks(query)) {
    auto exact = find_words(tokens, Wanted(words, &Token::marked));
    if (std::ranges::find(exact.single, true) != exact.single.end()) return exact;
  }
  return find_words(tokens, Wanted(words, &Token::folded));
}

bool is_on_one_line(std::string_view gap) {
  return gap.find('\n') == std::string_view::npos;
}

}  // namespace

std::string highlighted(std::string_view plain, std::string_view query) {
  if (query.empty()) return escape(plain);
  const auto tokens = text::tokenise(plain);
  const auto matches = find_query(tokens, query);
  const auto& is_match = matches.best();
  std::string html;
  std::size_t at = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!is_match[i]) continue;
    const auto begin = tokens[i].begin;
    while (i + 1 < tokens.size() && is_match[i + 1] && !tokens[i + 1].starts_run &&
           is_on_one_line(plain.substr(tokens[i].end, tokens[i + 1].begin - tokens[i].end))) {
      ++i;
    }
    html += escape(plain.substr(at, begin - at)) + "<mark>" +
            escape(plain.substr(begin, tokens[i].end - begin)) + "</mark>";
    at = tokens[i].end;
  }
  return html + escape(plain.substr(at));
}

std::vector<int> pages_with(const std::vector<std::string>& page_texts, std::string_view query) {
  std::vector<int> with_pair;
  std::vector<int> with_all;
  int page = 0;
  for (const auto& page_text : page_texts) {
    const auto matches = find_query(text::tokenise(page_text), query);
    ++page;
    if (matches.has_pair) with_pair.push_back(page);
    if (matches.has_all) with_all.push_back(page);
  }
  return with_pair.empty() ? with_all : with_pair;
}

}  // namespace khochung::pages
