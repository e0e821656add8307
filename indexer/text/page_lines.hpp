#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/text/vietnamese.hpp"

/// The lines of an official page, the columns of its head taken apart. Only for the inside of this
/// room.
namespace khochung::text {

struct PageLine {
  std::string text;          ///< normalised, trimmed, without ornaments
  std::vector<Token> words;  ///< of text
  bool blank_before = false;
  bool is_motto = false;  ///< the state's or the party's title and motto

  /// Whether the line begins with these words (folded).
  bool starts_with(std::initializer_list<std::string_view> folded) const;
  bool starts_with_any(std::initializer_list<std::initializer_list<std::string_view>> starts) const;
  /// Whether all its letters are capitals, and it has two at least.
  bool is_capitals() const;
  /// Text from word `at` on.
  std::string from_word(std::size_t at) const;
};

/// Lines that say something, in reading order; blank lines are kept as `blank_before`. Parts of a
/// line that stand apart (three blanks or a tab), and the motto beside the issuer, become lines of
/// their own.
std::vector<PageLine> page_lines(std::string_view page);

/// Whether the word, as written, begins with a capital and goes on in small letters.
bool is_capitalised(std::string_view word);
bool is_all_capitals(std::string_view text);

}  // namespace khochung::text
