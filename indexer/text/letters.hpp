#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// What one character is to Vietnamese text. Only for the inside of this room.
namespace khochung::text {

/// What a character does to the tokens around it.
enum class Role : std::uint8_t {
  other,    ///< separates words, nothing more: quotes, slash, symbols
  blank,    ///< space
  newline,  ///< one alone is a wrapped line, two are a paragraph
  stop,     ///< always a break: brackets, semicolon, colon, question mark …
  point,    ///< full stop and comma: a break unless between letters or digits ("1.000", "0,5")
  dash,     ///< a break when blanks stand on both sides ("– " of a list), else part of a name
  ignored,  ///< invisible: zero-width characters, soft hyphen
  mark,     ///< combining mark: belongs to the letter before
  letter,   ///< letter or digit
};

/// The vowels that carry quality marks, in the order of `vowels` below.
inline constexpr std::uint8_t no_vowel = 0xff;
inline constexpr std::size_t vowel_count = 12;
inline constexpr std::size_t tone_count = 6;

/// The twelve vowel letters by six tones (level, acute, grave, hook, tilde, dot), lower case.
inline constexpr std::array<std::array<char32_t, tone_count>, vowel_count> vowels{{
    {U'a', U'á', U'à', U'ả', U'ã', U'ạ'},
    {U'ă', U'ắ', U'ằ', U'ẳ', U'ẵ', U'ặ'},
    {U'â', U'ấ', U'ầ', U'ẩ', U'ẫ', U'ậ'},
    {U'e', U'é', U'è', U'ẻ', U'ẽ', U'ẹ'},
    {U'ê', U'ế', U'ề', U'ể', U'ễ', U'ệ'},
    {U'i', U'í', U'ì', U'ỉ', U'ĩ', U'ị'},
    {U'o', U'ó', U'ò', U'ỏ', U'õ', U'ọ'},
    {U'ô', U'ố', U'ồ', U'ổ', U'ỗ', U'ộ'},
    {U'ơ', U'ớ', U'ờ', U'ở', U'ỡ', U'ợ'},
    {U'u', U'ú', U'ù', U'ủ', U'ũ', U'ụ'},
    {U'ư', U'ứ', U'ừ', U'ử', U'ữ', U'ự'},
    {U'y', U'ý', U'ỳ', U'ỷ', U'ỹ', U'ỵ'},
}};
inline constexpr std::uint8_t v_a = 0, v_aw = 1, v_aa = 2, v_e = 3, v_ee = 4, v_i = 5, v_o = 6,
                              v_oo = 7, v_ow = 8, v_u = 9, v_uw = 10, v_y = 11;

/// A character's forms, ready to be appended; always copied as four bytes, which is one
/// instruction.
struct Letter {
  char lower[4];   ///< UTF-8 of the repaired, lower-case letter: three bytes at most
  char folded[4];  ///< without marks
  std::uint8_t lower_size;
  std::uint8_t folded_size;
  Role role;
  std::uint8_t vowel;  ///< index into `vowels`, or no_vowel
  std::uint8_t tone;   ///< 0..5
  bool marked;         ///< carries a Vietnamese mark or is đ
  bool wide;           ///< its forms do not fit here: `describe` has them
  bool changes;        ///< normalise writes something else for it

  std::string_view lower_form() const { return {lower, lower_size}; }
  std::string_view folded_form() const { return {folded, folded_size}; }
};

/// Characters below this have their Letter in a table; above, `describe` asks ICU.
inline constexpr char32_t table_end = 0x2070;
using LetterTable = std::array<Letter, table_end>;

/// Made once (about 2 ms), then read by all threads.
const LetterTable& letter_table();

/// A letter of the rest of Unicode; its forms may be longer than a Letter holds.
struct WideLetter {
  Role role = Role::other;
  std::string repaired;  ///< NFC, compatibility ligatures of Latin letters taken apart
  std::string lower;
  std::string folded;
};
WideLetter describe(char32_t code_point);

/// The letter that `base` with the combining `mark` is in Vietnamese (e + U+0302 → ê), or 0.
char32_t compose_vietnamese(char32_t base, char32_t mark);

/// The capital of a letter; others stay.
char32_t capital_letter(char32_t code_point);

/// NFC of a short piece, by ICU.
std::string nfc(std::string_view utf8);

void append_utf8(std::string& out, char32_t code_point);

/// The code point at `at`, which moves behind it; 0xFFFD for each broken byte.
inline char32_t next_code_point(std::string_view utf8, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(utf8[i]); };
  const auto trail = [&](std::size_t i) { return i < utf8.size() && (byte(i) & 0xC0u) == 0x80u; };
  const char32_t lead = byte(at);
  const auto start = at++;
  if (lead < 0x80) return lead;
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) return 0xFFFD;
  char32_t code_point = lead & (0xFFu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if (!trail(start + i)) return 0xFFFD;
    code_point = (code_point << 6) | (byte(start + i) & 0x3Fu);
  }
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < least[size] || code_point > 0x10FFFF || surrogate) return 0xFFFD;
  at = start + size;
  return code_point;
}

}  // namespace khochung::text
