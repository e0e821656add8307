#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "indexer/text/pieces.hpp"
#include "indexer/text/vietnamese.hpp"

namespace khochung::text {

namespace {

/// The mark stands at the head of the first page; a stamp is never below this many lines.
constexpr int lines_looked_at = 60;

/// Forms that OCR gives the syllable MẬT. Without any mark it counts only behind another word of
/// the stamp: alone it would be "mắt" or "mặt".
constexpr auto secret_syllables =
    std::to_array<std::string_view>({"mật", "mât", "mạt", "mặt", "mất"});
constexpr auto secret_alone = std::to_array<std::string_view>({"mật", "mât"});

bool contains(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

bool has_small_letters(std::string_view line) {
  PieceReader pieces(line);
  for (Piece piece; pieces.next(piece);) {
    if (piece.role == Role::letter &&
        line.substr(piece.begin, piece.end - piece.begin) == piece.lower &&
        (piece.lower[0] < '0' || piece.lower[0] > '9')) {
      return true;
    }
  }
  return false;
}

/// A letter or a number of a frame, a "Đ" of a box: what OCR reads in a stamp's border.
bool is_frame(const Token& token) {
  return token.folded == "d" || token.folded == "i" || token.folded == "l" || token.folded == "o" ||
         token.folded == "1" || token.folded == "0";
}

bool is_stamp(const std::vector<Token>& words) {
  if (words.size() == 1) return contains(secret_alone, words[0].marked);
  if (words.size() != 2 || words[1].folded != "mat") return false;
  return words[0].folded == "toi" || words[0].folded == "tuyet";
}

/// How many words name the field: "Độ mật: …", "Mức độ mật: …".
std::ptrdiff_t field_words(const std::vector<Token>& words) {
  const auto named = [&](std::size_t at) {
    return words.size() > at + 2 && words[at].folded == "do" && words[at + 1].folded == "mat";
  };
  if (named(0)) return 2;
  return words[0].folded == "muc" && named(1) ? 3 : 0;
}

/// The mark stands in capitals; as the value of a named field it counts in any case.
bool is_mark(std::string_view part) {
  auto words = tokenise(part);
  std::erase_if(words, is_frame);
  if (words.empty() || words.size() > 5) return false;
  const auto field = field_words(words);
  words.erase(words.begin(), words.begin() + field);
  if (field == 0) return is_stamp(words) && !has_small_letters(part);
  return is_stamp(words) || (words.size() == 1 && contains(secret_syllables, words[0].marked));
}

/// Whether the line, or a part of it that stands apart, is the mark.
bool line_has_mark(std::string_view line) {
  if (line.size() > 200) return false;
  while (!line.empty()) {
    const auto end = std::min({line.find("   "), line.find('\t'), line.size()});
    if (is_mark(line.substr(0, end))) return true;
    line.remove_prefix(std::min(line.find_first_not_of(" \t", end), line.size()));
  }
  return false;
}

}  // namespace

bool carries_secret_mark(std::string_view first_page) {
  int seen = 0;
  while (!first_page.empty() && seen < lines_looked_at) {
    const auto end = first_page.find_first_of("\n\r\f\v");
    const auto line = first_page.substr(0, end);
    if (line.find_first_not_of(" \t") != std::string_view::npos) ++seen;
    if (line_has_mark(line)) return true;
    if (end == std::string_view::npos) break;
    first_page.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace khochung::text
