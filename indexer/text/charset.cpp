#include "indexer/text/charset.hpp"

#include <algorithm>
#include <span>

#include "indexer/text/legacy_tables.hpp"
#include "indexer/text/letters.hpp"

namespace khochung::text {

namespace {

std::uint16_t hexadecimal(std::string_view digits) {
  unsigned value = 0;
  for (const char digit : digits) {
    value = value * 16 + static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'A' + 10);
  }
  return static_cast<std::uint16_t>(value);
}

void fill_windows_1252(std::array<char32_t, 256>& codes) {
  for (std::size_t byte = 0; byte < codes.size(); ++byte) codes[byte] = static_cast<char32_t>(byte);
  for (std::size_t i = 0; i < windows_1252_high.size(); ++i) {
    if (windows_1252_high[i] != 0) codes[0x80 + i] = windows_1252_high[i];
  }
}

void overlay(std::array<char32_t, 256>& codes, std::span<const LegacyCode> differences) {
  for (const auto& [byte, code_point] : differences) {
    codes[byte] = code_point == 0 ? 0xFFFD : code_point;
  }
}

/// A decoded character whose case the code did not tell.
struct Character {
  char32_t code_point;
  bool caseless;
};

enum class Case { unknown, small, capital };

bool is_word_character(char32_t code_point) {
  return code_point < table_end && letter_table()[code_point].role == Role::letter;
}

bool is_small(char32_t code_point) {
  const auto& letter = letter_table()[code_point];
  std::string itself;
  append_utf8(itself, code_point);
  return itself == letter.lower_form();
}

struct Word {
  std::size_t begin;
  std::size_t end;
  Case shape;
};

/// Words are capital if two letters or more say so, small if any does: of "§Ò" (ĐỀ or Đề) the
/// neighbours decide.
Case shape_of(const std::vector<Character>& text, std::size_t begin, std::size_t end) {
  std::size_t capitals = 0;
  for (auto i = begin; i < end; ++i) {
    const auto [code_point, caseless] = text[i];
    if (caseless || (code_point >= U'0' && code_point <= U'9')) continue;
    if (is_small(code_point)) return Case::small;
    ++capitals;
  }
  return capitals >= 2 ? Case::capital : Case::unknown;
}

std::vector<Word> words_of_line(const std::vector<Character>& text, std::size_t begin,
                                std::size_t end) {
  std::vector<Word> words;
  for (auto i = begin; i < end;) {
    if (!is_word_character(text[i].code_point)) {
      ++i;
      continue;
    }
    auto last = i;
    while (last < end && is_word_character(text[last].code_point)) ++last;
    words.push_back({i, last, shape_of(text, i, last)});
    i = last;
  }
  return words;
}

Case shape_from_neighbours(const std::vector<Word>& words, std::size_t at) {
  for (auto i = at; i-- > 0;) {
    if (words[i].shape != Case::unknown) return words[i].shape;
  }
  for (auto i = at + 1; i < words.size(); ++i) {
    if (words[i].shape != Case::unknown) return words[i].shape;
  }
  return Case::small;
}

/// Marks the caseless letters of capital words by setting `capital`.
std::vector<bool> capitals_of(const std::vector<Character>& text) {
  std::vector<bool> capital(text.size());
  for (std::size_t begin = 0; begin < text.size();) {
    auto end = begin;
    while (end < text.size() && text[end].code_point != U'\n' && text[end].code_point != U'\r')
      ++end;
    const auto words = words_of_line(text, begin, end);
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto shape =
          words[i].shape == Case::unknown ? shape_from_neighbours(words, i) : words[i].shape;
      for (auto at = words[i].begin; at < words[i].end; ++at) capital[at] = shape == Case::capital;
    }
    begin = end + 1;
  }
  return capital;
}

}  // namespace

void Charset::add_code(std::uint16_t code, char32_t letter) {
  if (code >= 0x100) {
    pairs_.emplace(code, letter);
    return;
  }
  single_[code] = letter;
}

Charset Charset::from_table(std::size_t index) {
  const auto& table = legacy_tables[index];
  Charset charset;
  charset.name_ = table.name;
  fill_windows_1252(charset.single_);
  if (table.name == "VNI-MAC") overlay(charset.single_, macintosh_marks);
  if (table.name == "VISCII") overlay(charset.single_, viscii_controls);
  const auto digits = static_cast<std::size_t>(table.bytes_per_code) * 2;
  std::uint16_t before = 0;
  for (std::size_t i = 0; i < legacy_letters.size(); ++i) {
    const auto code = hexadecimal(table.codes.substr(i * digits, digits));
    charset.add_code(code, legacy_letters[i]);  // of two with one code the small letter stays
    if (i % 2 == 1 && code == before && code < 0x100) charset.caseless_[code] = true;
    before = code;
  }
  return charset;
}

Charset Charset::windows(bool vietnamese) {
  Charset charset;
  charset.name_ = vietnamese ? "windows-1258" : "windows-1252";
  fill_windows_1252(charset.single_);
  if (vietnamese) overlay(charset.single_, windows_1258_differences);
  charset.combines_ = vietnamese;
  return charset;
}

const std::vector<Charset>& Charset::all() {
  static const auto charsets = [] {
    std::vector<Charset> made;
    for (std::size_t i = 0; i < legacy_tables.size(); ++i) made.push_back(from_table(i));
    made.push_back(windows(true));
    made.push_back(windows(false));
    return made;
  }();
  return charsets;
}

const Charset* Charset::find(std::string_view name) {
  const auto found = std::ranges::find(all(), name, &Charset::name);
  return found == all().end() ? nullptr : &*found;
}

std::string Charset::decode(std::string_view bytes) const {
  std::vector<Character> text;
  text.reserve(bytes.size());
  bool any_caseless = false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (!pairs_.empty() && i + 1 < bytes.size()) {
      const auto code =
          static_cast<std::uint16_t>((byte << 8) | static_cast<unsigned char>(bytes[i + 1]));
      if (const auto pair = pairs_.find(code); pair != pairs_.end()) {
        text.push_back({pair->second, false});
        ++i;
        continue;
      }
    }
    text.push_back({single_[byte], caseless_[byte]});
    any_caseless = any_caseless || caseless_[byte];
  }
  const auto capital = any_caseless ? capitals_of(text) : std::vector<bool>(text.size());
  std::string out;
  out.reserve(bytes.size() * 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool raise = text[i].caseless && capital[i];
    append_utf8(out, raise ? capital_letter(text[i].code_point) : text[i].code_point);
  }
  return combines_ ? nfc(out) : out;
}

}  // namespace khochung::text
