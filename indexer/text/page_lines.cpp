#include "indexer/text/page_lines.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "indexer/text/pieces.hpp"

namespace khochung::text {

namespace {

/// A page has no more; what is longer was never a page.
constexpr std::size_t longest_page = std::size_t{64} * 1024;

struct Motto {
  std::array<std::string_view, 8> words;
  std::size_t size;
  std::size_t within;  ///< so many lines from the top; below, a sentence speaks of it
  bool capitals;
};

constexpr auto mottoes = std::to_array<Motto>(
    {{{"cong", "hoa", "xa", "hoi", "chu", "nghia", "viet", "nam"}, 8, 12, true},
     {{"doc", "lap", "tu", "do", "hanh", "phuc"}, 6, 12, false},
     {{"dang", "cong", "san", "viet", "nam"}, 5, 4, true}});

/// Where `phrase` stands among the words, a third of them spoiled at most.
std::optional<std::size_t> find_phrase(const std::vector<Token>& words,
                                       std::span<const std::string_view> phrase) {
  for (std::size_t at = 0; at + phrase.size() <= words.size(); ++at) {
    std::size_t same = 0;
    for (std::size_t i = 0; i < phrase.size(); ++i)
      same += words[at + i].folded == phrase[i] ? 1 : 0;
    if (same * 3 >= phrase.size() * 2) return at;
  }
  return std::nullopt;
}

bool is_ornament(char c) {
  return c == ' ' || c == '*' || c == '_' || c == '#' || c == '=' || c == '~' || c == '\t' ||
         c == '|';
}

std::string trimmed(std::string_view text) {
  while (!text.empty() && is_ornament(text.front())) text.remove_prefix(1);
  while (!text.empty() && (is_ornament(text.back()) || text.back() == '-')) text.remove_suffix(1);
  return std::string(text);
}

/// Whether a gap behind `part` is a value left blank, to be written by hand: "ngày     tháng 11".
bool awaits_value(std::string_view part) {
  const auto words = tokenise(part);
  if (words.empty()) return false;
  const auto& last = words.back().folded;
  return last == "ngay" || last == "thang" || last == "nam" || last == "so";
}

/// Where the part that begins at `begin` ends: at three blanks or a tab.
std::size_t end_of_part(std::string_view line, std::size_t begin) {
  for (auto at = begin; at < line.size();) {
    const auto end = std::min({line.find("   ", at), line.find('\t', at), line.size()});
    if (end == line.size() || !awaits_value(line.substr(begin, end - begin))) return end;
    at = std::min(line.find_first_not_of(" \t", end), line.size());
  }
  return line.size();
}

class LineReader {
 public:
  void add(std::string_view line) {
    const auto before = lines_.size();
    for (std::size_t begin = 0; begin < line.size();) {
      const auto end = end_of_part(line, begin);
      add_part(line.substr(begin, end - begin));
      begin = std::min(line.find_first_not_of(" \t", end), line.size());
    }
    if (lines_.size() == before) blank_ = true;
  }
  std::vector<PageLine> take() { return std::move(lines_); }

 private:
  /// Takes the motto out of a part, what stands before and behind it become parts too.
  void add_part(std::string_view part) {
    auto words = tokenise(part);
    for (const auto& motto : mottoes) {
      const auto at = find_phrase(words, std::span(motto.words).first(motto.size));
      if (!at || lines_.size() >= motto.within) continue;
      const auto begin = words[*at].begin;
      const auto end = words[*at + motto.size - 1].end;
      if (motto.capitals && !is_all_capitals(part.substr(begin, end - begin))) continue;
      if (*at > 0) add_part(part.substr(0, begin));
      const auto printed = part.substr(begin, end - begin);
      push(printed, tokenise(printed), true);
      if (*at + motto.size < words.size()) add_part(part.substr(end));
      return;
    }
    push(part, std::move(words), false);
  }

  void push(std::string_view part, std::vector<Token> words, bool is_motto) {
    PageLine line;
    line.text = trimmed(part);
    line.words = line.text.size() == part.size() ? std::move(words) : tokenise(line.text);
    if (line.words.empty()) return;
    line.is_motto = is_motto;
    line.blank_before = std::exchange(blank_, false);
    lines_.push_back(std::move(line));
  }

  std::vector<PageLine> lines_;
  bool blank_ = false;
};

}  // namespace

bool PageLine::starts_with(std::initializer_list<std::string_view> folded) const {
  if (words.size() < folded.size()) return false;
  return std::equal(folded.begin(), folded.end(), words.begin(),
                    [](auto wanted, const Token& word) { return word.folded == wanted; });
}

bool PageLine::starts_with_any(
    std::initializer_list<std::initializer_list<std::string_view>> starts) const {
  return std::ranges::any_of(starts, [&](const auto& start) { return starts_with(start); });
}

bool PageLine::is_capitals() const {
  return is_all_capitals(text);
}

std::string PageLine::from_word(std::size_t at) const {
  return at < words.size() ? text.substr(words[at].begin) : std::string();
}

bool is_all_capitals(std::string_view text) {
  int letters = 0;
  PieceReader pieces(text);
  for (Piece piece; pieces.next(piece);) {
    if (piece.role != Role::letter || (piece.lower[0] >= '0' && piece.lower[0] <= '9')) continue;
    if (text.substr(piece.begin, piece.end - piece.begin) == piece.lower) return false;
    ++letters;
  }
  return letters >= 2;
}

bool is_capitalised(std::string_view word) {
  PieceReader pieces(word);
  bool first = true;
  for (Piece piece; pieces.next(piece); first = false) {
    const bool is_small = word.substr(piece.begin, piece.end - piece.begin) == piece.lower;
    if (piece.role != Role::letter || is_small == first) return false;
  }
  return !first;
}

std::vector<PageLine> page_lines(std::string_view page) {
  auto text = normalise(page.substr(0, longest_page));
  std::ranges::replace(text, '*', ' ');
  LineReader reader;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = std::min(rest.find_first_of("\n\r\f\v"), rest.size());
    const bool crlf = rest.substr(end).starts_with("\r\n");
    reader.add(rest.substr(0, end));
    rest.remove_prefix(std::min(end + (crlf ? 2 : 1), rest.size()));
  }
  return reader.take();
}

}  // namespace khochung::text
