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

/// Which tokens are wanted words.
std::vector<bool> matches(const std::vector<Token>& tokens, const Wanted& wanted) {
  std::vector<bool> single(tokens.size());
  std::vector<bool> paired(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    single[i] = wanted.words.contains(tokens[i].*wanted.form);
    if (i == 0 || tokens[i].starts_run) continue;
    if (wanted.pairs.contains({tokens[i - 1].*wanted.form, tokens[i].*wanted.form})) {
      paired[i - 1] = paired[i] = true;
    }
  }
  return std::ranges::find(paired, true) != paired.end() ? paired : single;
}

std::vector<bool> matches_of_query(const std::vector<Token>& tokens, std::string_view query) {
  const auto words = text::tokenise(query);
  if (text::has_marks(query)) {
    auto exact = matches(tokens, Wanted(words, &Token::marked));
    if (std::ranges::find(exact, true) != exact.end()) return exact;
  }
  return matches(tokens, Wanted(words, &Token::folded));
}

bool is_on_one_line(std::string_view gap) {
  return gap.find('\n') == std::string_view::npos;
}

}  // namespace

std::string highlighted(std::string_view plain, std::string_view query) {
  if (query.empty()) return escape(plain);
  const auto tokens = text::tokenise(plain);
  const auto is_match = matches_of_query(tokens, query);
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

}  // namespace khochung::pages
