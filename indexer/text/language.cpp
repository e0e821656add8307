#include <algorithm>
#include <array>
#include <span>

#include "indexer/text/pieces.hpp"
#include "indexer/text/syllables.hpp"
#include "indexer/text/vietnamese.hpp"

namespace khochung::text {

namespace {

/// A judgement needs no more text than this, and stays quick for whole books.
constexpr std::size_t enough_bytes = std::size_t{16} * 1024;

/// Frequent words that are words of one of the two languages only, without marks.
constexpr auto vietnamese_words = std::to_array<std::string_view>(
    {"cac",  "cua", "duoc",  "khong", "la",   "lao",  "nguoi", "nhung", "ngay",
     "theo", "thi", "trong", "va",    "vao",  "viec", "voi",   "doan",  "dong",
     "nam",  "tai", "cho",   "nay",   "hoac", "quy",  "dinh"});
constexpr auto english_words = std::to_array<std::string_view>(
    {"a",    "and",  "are", "as",   "be",    "by",   "for",    "from",  "has",
     "have", "in",   "is",  "it",   "of",    "on",   "or",     "shall", "that",
     "the",  "this", "was", "were", "which", "with", "workers"});

bool contains(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

struct Letters {
  bool only_letters = true;
  bool has_vowel = false;
  bool marked = false;
  int count = 0;
};

Letters look_at(std::string_view token) {
  Letters letters;
  PieceReader pieces(token);
  for (Piece piece; pieces.next(piece); ++letters.count) {
    letters.only_letters = letters.only_letters && (piece.lower[0] < '0' || piece.lower[0] > '9');
    letters.has_vowel = letters.has_vowel || piece.vowel != no_vowel;
    letters.marked = letters.marked || piece.marked;
  }
  return letters;
}

}  // namespace

VietnameseShare vietnamese_share(std::string_view utf8) {
  std::size_t known = 0;
  std::size_t marked = 0;
  VietnameseShare share;
  Tokeniser tokens(utf8.substr(0, enough_bytes));
  while (const auto* token = tokens.next()) {
    const auto letters = look_at(token->marked);
    // Numbers, single letters and abbreviations without a vowel (TLĐ) say nothing.
    if (letters.count < 2 || !letters.only_letters || !letters.has_vowel) continue;
    ++share.syllables;
    marked += letters.marked ? 1 : 0;
    known += is_syllable(token->marked) ? 1 : 0;
  }
  if (share.syllables == 0) return share;
  share.known = static_cast<double>(known) / static_cast<double>(share.syllables);
  share.marked = static_cast<double>(marked) / static_cast<double>(share.syllables);
  return share;
}

std::string guess_language(std::string_view utf8) {
  const auto share = vietnamese_share(utf8);
  if (share.syllables == 0) return "";
  if (share.marked >= 0.3 && share.known >= 0.5) return "vi";
  std::size_t vietnamese = 0;
  std::size_t english = 0;
  std::size_t all = 0;
  Tokeniser tokens(utf8.substr(0, enough_bytes));
  while (const auto* token = tokens.next()) {
    ++all;
    vietnamese += contains(vietnamese_words, token->folded) ? 1 : 0;
    english += contains(english_words, token->folded) ? 1 : 0;
  }
  if (english > vietnamese && english * 10 >= all && share.marked < 0.2) return "en";
  // Typed without marks, half of the syllables are spellings still ("cac" is none, "cua" is).
  if (share.known >= 0.4 && vietnamese > 2 * english && vietnamese * 8 >= all) return "vi";
  return "";
}

}  // namespace khochung::text
