#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Vietnamese text: what makes two spellings the same word. Pure functions over UTF-8.
namespace khochung::text {

/// Unicode text in NFC with look-alikes repaired (Ð Ɖ → Đ, ƣ → ư), no-break and zero-width characters and soft
/// hyphens made plain. Broken UTF-8 becomes U+FFFD. What is stored and shown.
std::string normalise(std::string_view utf8);

/// The form that marked terms have: normalised, lower case, canonical tone placement (hoà → hòa, thuý → thúy).
std::string marked_form(std::string_view utf8);

/// The form without marks: "Đường" → "duong".
std::string folded_form(std::string_view utf8);

/// A syllable, number or foreign word where it stands in a text.
struct Token {
  std::size_t begin = 0;      ///< byte offsets into the text that was tokenised
  std::size_t end = 0;
  std::string marked;         ///< marked_form of it
  std::string folded;         ///< folded_form of it
  bool starts_run = false;    ///< a sentence end, comma or other break stands before it: no pair or phrase crosses
};

/// Splits text into tokens: runs of letters and digits; combining marks belong to their letter.
/// Linear time; tokens longer than 64 bytes are cut.
std::vector<Token> tokenise(std::string_view utf8);

/// Whether any letter of `utf8` carries a Vietnamese mark or is đ.
bool has_marks(std::string_view utf8);

/// Share of syllables in 0..1 that are Vietnamese spellings; of marked ones; how many were looked at.
struct VietnameseShare {
  double known = 0;
  double marked = 0;
  std::size_t syllables = 0;
};
VietnameseShare vietnamese_share(std::string_view utf8);

/// "vi", "en" or "" (unknown), from the words.
std::string guess_language(std::string_view utf8);

/// Whether the text begins like a document that carries a state-secret mark: a line of its own that says MẬT,
/// TỐI MẬT or TUYỆT MẬT in capitals (marks may be lost by OCR only where the whole line still says so).
bool carries_secret_mark(std::string_view first_page);

}  // namespace khochung::text
