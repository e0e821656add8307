#include "indexer/search/snippet.hpp"

#include <algorithm>

namespace khochung::search {
namespace {

constexpr std::size_t snippet_characters = 240;
/// Vietnamese takes about four bytes for three characters.
constexpr std::size_t window_bytes = snippet_characters * 5 / 4;
constexpr std::size_t most_bytes = 2U << 20U;

struct Window {
  double score = 0;
  std::size_t first = 0, last = 0;  ///< places in the list of words found
};

/// Slides over the words found and keeps the sum of the distinct ones, and of the pairs.
Window best_window(const std::vector<text::Token>& tokens, const std::vector<WordFound>& found,
                   const WantedWords& wanted) {
  Window best;
  std::vector<int> seen(wanted.count(), 0);
  double score = 0;
  const auto value = [&](const WordFound& word) { return wanted.weight(word.word); };
  const auto pair_value = [&](const WordFound& word) {
    return word.in_pair ? value(word) * 0.25 : 0;
  };
  std::size_t first = 0;
  for (std::size_t last = 0; last < found.size(); ++last) {
    if (seen[found[last].word]++ == 0) score += value(found[last]);
    score += pair_value(found[last]);
    while (tokens[found[last].token].end - tokens[found[first].token].begin > window_bytes) {
      if (--seen[found[first].word] == 0) score -= value(found[first]);
      score -= pair_value(found[first]);
      ++first;
    }
    if (score > best.score + 1e-9) best = {score, first, last};
  }
  return best;
}

bool has_all(const std::vector<WordFound>& found, const Window& window, std::size_t words) {
  std::vector<bool> seen(words, false);
  bool in_pair = words < 2;
  for (auto at = window.first; at <= window.last; ++at) {
    seen[found[at].word] = true;
    in_pair = in_pair || found[at].in_pair;
  }
  return in_pair && std::ranges::count(seen, true) == static_cast<std::ptrdiff_t>(words);
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char byte) { return (byte & 0xC0) != 0x80; }));
}

struct TokenRange {
  std::size_t first = 0, last = 0;
};

/// Widens the range to the left up to a sentence's beginning or a third of what is free, then to
/// the right until the snippet is full.
TokenRange widened(std::string_view text, const std::vector<text::Token>& tokens,
                   TokenRange range) {
  const auto length = [&](TokenRange r) {
    return characters(
        text.substr(tokens[r.first].begin, tokens[r.last].end - tokens[r.first].begin));
  };
  const auto core = length(range);
  const auto to_left = core < snippet_characters ? (snippet_characters - core) / 3 : 0;
  while (range.first > 0 && !tokens[range.first].starts_run &&
         length({range.first - 1, range.last}) <= core + to_left)
    --range.first;
  while (range.last + 1 < tokens.size() &&
         length({range.first, range.last + 1}) <= snippet_characters)
    ++range.last;
  return range;
}

/// Escaped text with each run of blanks as one.
void append_text(std::string& html, std::string_view text) {
  bool blank = false;
  for (const char byte : text) {
    if (static_cast<unsigned char>(byte) <= ' ' || byte == '\x7F') {
      blank = true;
      continue;
    }
    if (blank) html.push_back(' ');
    blank = false;
    switch (byte) {
      case '&': html.append("&amp;"); break;
      case '<': html.append("&lt;"); break;
      case '>': html.append("&gt;"); break;
      case '"': html.append("&quot;"); break;
      case '\'': html.append("&#39;"); break;
      default: html.push_back(byte);
    }
  }
  if (blank) html.push_back(' ');
}

/// The nearest start of a character at or before `at`.
std::size_t aligned(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && (text[at] & 0xC0) == 0x80) --at;
  return at;
}

/// What is no word (quotation marks, a full stop) belongs to the snippet at both ends of the text.
constexpr std::size_t most_bytes_around = 40;

std::size_t begin_of(std::string_view text, const std::vector<text::Token>& tokens,
                     std::size_t first) {
  const auto begin = tokens[first].begin;
  return first > 0 ? begin : aligned(text, begin - std::min(begin, most_bytes_around));
}

std::size_t end_of(std::string_view text, const std::vector<text::Token>& tokens,
                   std::size_t last) {
  const auto end = tokens[last].end;
  if (last + 1 < tokens.size()) return end;
  return aligned(text, std::min(end + most_bytes_around, text.size()));
}

std::string rendered(std::string_view text, const std::vector<text::Token>& tokens,
                     TokenRange range, const std::vector<WordFound>& marked) {
  std::string html = range.first > 0 ? "… " : "";
  auto at = begin_of(text, tokens, range.first);
  for (std::size_t i = 0; i < marked.size(); ++i) {
    const auto& token = tokens[marked[i].token];
    const auto joins = [&](std::size_t later) {
      return later < marked.size() && later > 0 &&
             marked[later].token == marked[later - 1].token + 1 &&
             !tokens[marked[later].token].starts_run;
    };
    append_text(html, text.substr(at, token.begin - at));
    if (!joins(i)) html.append("<mark>");
    append_text(html, text.substr(token.begin, token.end - token.begin));
    if (!joins(i + 1)) html.append("</mark>");
    at = token.end;
  }
  const auto end = end_of(text, tokens, range.last);
  append_text(html, text.substr(at, end - at));
  while (html.ends_with(' ')) html.pop_back();
  if (range.last + 1 < tokens.size()) html.append(" …");
  return html;
}

std::string beginning(const std::vector<std::string>& pages) {
  for (const auto& page : pages) {
    // Enough for the words of a beginning; a code point cut in half becomes part of no token.
    const auto head = text::normalise(std::string_view(page).substr(0, window_bytes * 4));
    const auto tokens = text::tokenise(head);
    if (tokens.empty()) continue;
    return rendered(head, tokens, widened(head, tokens, {0, 0}), {});
  }
  return {};
}

}  // namespace

Snippet make_snippet(const std::vector<std::string>& pages, const WantedWords& wanted) {
  Snippet best;
  double best_score = 0;
  std::size_t bytes = 0;
  for (std::size_t page = 0; page < pages.size() && !wanted.is_empty(); ++page) {
    const auto& text = pages[page];
    bytes += text.size();
    if (bytes > most_bytes && page > 0) break;
    const auto tokens = text::tokenise(text);
    const auto found = wanted.find_in(tokens);
    const auto window = best_window(tokens, found, wanted);
    if (window.score <= best_score + 1e-9) continue;
    best_score = window.score;
    const auto range = widened(text, tokens, {found[window.first].token, found[window.last].token});
    std::vector<WordFound> inside;
    for (const auto& word : found) {
      if (word.token >= range.first && word.token <= range.last) inside.push_back(word);
    }
    best = {static_cast<int>(page) + 1,
            rendered(text, tokens, range, worth_marking(std::move(inside)))};
    if (has_all(found, window, wanted.count())) break;
  }
  if (best.page == 0) best.html = beginning(pages);
  return best;
}

std::string escape_html(std::string_view text) {
  std::string html;
  append_text(html, text);
  return html;
}

}  // namespace khochung::search
