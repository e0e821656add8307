#include "indexer/text/letters.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

namespace khochung::text {

namespace {

struct Place {
  std::uint8_t vowel = no_vowel;
  std::uint8_t tone = 0;
};

Place place_of(char32_t lower) {
  for (std::uint8_t vowel = 0; vowel < vowel_count; ++vowel) {
    for (std::uint8_t tone = 0; tone < tone_count; ++tone) {
      if (vowels[vowel][tone] == lower) return {vowel, tone};
    }
  }
  return {};
}

/// Letters that stand for another one in Vietnamese files (systematic in fonts and extracted PDFs).
char32_t repair(char32_t code_point) {
  switch (code_point) {
    case 0x00D0:
    case 0x0189: return U'Đ';  // eth, African D
    case 0x00F0:
    case 0x0256: return U'đ';
    case 0x01A2: return U'Ư';  // OI
    case 0x01A3: return U'ư';
    case 0x00A0:
    case 0x202F:
    case 0x2007: return U' ';
    case 0x2010:
    case 0x2011: return U'-';
    default: return code_point;
  }
}

bool is_invisible(char32_t code_point) {
  return code_point == 0x00AD || (code_point >= 0x200B && code_point <= 0x200F) ||
         (code_point >= 0x202A && code_point <= 0x202E) ||
         (code_point >= 0x2060 && code_point <= 0x2064) || code_point == 0xFEFF;
}

Role role_of_separator(char32_t code_point) {
  switch (code_point) {
    case U'\n': return Role::newline;
    case U'\t':
    case U'\r': return Role::blank;
    case U'\f':
    case U'\v':
    case 0x2028:
    case 0x2029:
    case 0x85: return Role::stop;
    case U'.':
    case U',': return Role::point;
    case U'-':
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2015:
    case 0x2212: return Role::dash;
    case U';':
    case U':':
    case U'!':
    case U'?':
    case U'|':
    case 0x2026:
    case 0x2022:
    case 0xB7:
    case 0x25CF:
    case 0x25AA:
    case 0x25A0:
    case 0x2023:
    case 0x3001:
    case 0x3002: return Role::stop;
    default: break;
  }
  switch (u_charType(static_cast<UChar32>(code_point))) {
    case U_START_PUNCTUATION:
    case U_END_PUNCTUATION: return Role::stop;
    case U_SPACE_SEPARATOR: return Role::blank;
    default: return Role::other;
  }
}

Role role_of(char32_t code_point) {
  if (is_invisible(code_point)) return Role::ignored;
  // Jamo that complete a Korean syllable compose with what stands before, as marks do.
  if (code_point >= 0x1160 && code_point <= 0x11FF) return Role::mark;
  const auto type = u_charType(static_cast<UChar32>(code_point));
  if (type == U_NON_SPACING_MARK || type == U_COMBINING_SPACING_MARK || type == U_ENCLOSING_MARK) {
    return Role::mark;
  }
  return u_isalnum(static_cast<UChar32>(code_point)) ? Role::letter : role_of_separator(code_point);
}

std::string to_utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

const icu::Normalizer2& normaliser(const icu::Normalizer2* (*get)(UErrorCode&)) {
  UErrorCode status = U_ZERO_ERROR;
  return *get(status);  // ICU's data are linked in: this cannot fail
}

icu::UnicodeString normalised_by(const icu::Normalizer2* (*get)(UErrorCode&),
                                 const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  auto result = normaliser(get).normalize(text, status);
  return U_SUCCESS(status) ? result : text;
}

/// Compatibility decomposition of the lower-case letter, marks and whatever is no letter left out.
std::string fold(const icu::UnicodeString& lower) {
  const auto parts = normalised_by(&icu::Normalizer2::getNFKDInstance, lower);
  std::string out;
  for (std::int32_t at = 0; at < parts.length(); at = parts.moveIndex32(at, 1)) {
    const auto code_point = static_cast<char32_t>(parts.char32At(at));
    switch (code_point) {
      case U'đ': out += 'd'; break;
      case U'ß': out += "ss"; break;
      case U'æ': out += "ae"; break;
      case U'œ': out += "oe"; break;
      case U'ø': out += 'o'; break;
      case U'ł': out += 'l'; break;
      case U'ı': out += 'i'; break;
      default:
        if (role_of(code_point) == Role::letter) {
          append_utf8(out, static_cast<char32_t>(u_tolower(static_cast<UChar32>(code_point))));
        }
    }
  }
  return out;
}

bool is_latin_ligature(char32_t code_point) {
  return code_point >= 0xFB00 && code_point <= 0xFB06;
}

Letter describe_in_table(char32_t code_point) {
  Letter letter{};
  const auto wide = describe(code_point);
  letter.role = wide.role;
  letter.vowel = no_vowel;
  std::string itself;
  append_utf8(itself, code_point);
  letter.changes = wide.repaired != itself;
  letter.wide = wide.lower.size() > 3 || wide.folded.size() > 3;
  if (letter.wide) return letter;
  letter.lower_size = static_cast<std::uint8_t>(wide.lower.size());
  std::ranges::copy(wide.lower, letter.lower);
  letter.folded_size = static_cast<std::uint8_t>(wide.folded.size());
  std::ranges::copy(wide.folded, letter.folded);
  std::size_t lower_at = 0;
  const char32_t lower = wide.lower.empty() ? 0 : next_code_point(wide.lower, lower_at);
  const auto place = place_of(lower);
  letter.vowel = place.vowel;
  letter.tone = place.tone;
  letter.marked = lower == U'đ' || (place.vowel != no_vowel && lower >= 0x80);
  return letter;
}

}  // namespace

namespace {

/// The vowel that `vowel` becomes under a quality mark, or no_vowel.
std::uint8_t with_quality(std::uint8_t vowel, char32_t mark) {
  switch (mark) {
    case 0x302: return vowel == v_a ? v_aa : vowel == v_e ? v_ee : vowel == v_o ? v_oo : no_vowel;
    case 0x306: return vowel == v_a ? v_aw : no_vowel;
    case 0x31B: return vowel == v_o ? v_ow : vowel == v_u ? v_uw : no_vowel;
    default: return no_vowel;
  }
}

std::uint8_t tone_of_mark(char32_t mark) {
  switch (mark) {
    case 0x301:
    case 0x341: return 1;
    case 0x300:
    case 0x340: return 2;
    case 0x309: return 3;
    case 0x303: return 4;
    case 0x323: return 5;
    default: return 0;
  }
}

}  // namespace

char32_t compose_vietnamese(char32_t base, char32_t mark) {
  if (base >= table_end) return 0;
  const auto& letter = letter_table()[base];
  if (letter.vowel == no_vowel) return 0;
  const auto tone = tone_of_mark(mark);
  if (tone != 0 && letter.tone != 0) return 0;
  const auto vowel = tone != 0 ? letter.vowel : with_quality(letter.vowel, mark);
  if (vowel == no_vowel) return 0;
  const auto lower = vowels[vowel][tone != 0 ? tone : letter.tone];
  const bool capital = vowels[letter.vowel][letter.tone] != base;
  return capital ? capital_letter(lower) : lower;
}

void append_utf8(std::string& out, char32_t code_point) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) return put(code_point);
  if (code_point < 0x800) {
    put(0xC0 | (code_point >> 6));
  } else {
    if (code_point < 0x10000) {
      put(0xE0 | (code_point >> 12));
    } else {
      put(0xF0 | (code_point >> 18));
      put(0x80 | ((code_point >> 12) & 0x3F));
    }
    put(0x80 | ((code_point >> 6) & 0x3F));
  }
  put(0x80 | (code_point & 0x3F));
}

char32_t capital_letter(char32_t code_point) {
  return static_cast<char32_t>(u_toupper(static_cast<UChar32>(code_point)));
}

std::string nfc(std::string_view utf8) {
  const auto text = icu::UnicodeString::fromUTF8(
      icu::StringPiece(utf8.data(), static_cast<std::int32_t>(utf8.size())));
  return to_utf8(normalised_by(&icu::Normalizer2::getNFCInstance, text));
}

WideLetter describe(char32_t code_point) {
  WideLetter wide;
  const char32_t repaired = repair(code_point);
  wide.role = role_of(repaired);
  if (wide.role == Role::ignored) return wide;
  const icu::UnicodeString single(static_cast<UChar32>(repaired));
  const auto composed =
      normalised_by(is_latin_ligature(repaired) ? &icu::Normalizer2::getNFKCInstance
                                                : &icu::Normalizer2::getNFCInstance,
                    single);
  wide.repaired = to_utf8(composed);
  icu::UnicodeString lower;
  for (std::int32_t at = 0; at < composed.length(); at = composed.moveIndex32(at, 1)) {
    lower.append(u_tolower(composed.char32At(at)));
  }
  wide.lower = to_utf8(lower);
  wide.folded = wide.role == Role::letter ? fold(lower) : wide.lower;
  if (wide.role == Role::mark) wide.folded.clear();
  return wide;
}

const LetterTable& letter_table() {
  static const auto table = [] {
    LetterTable letters{};
    for (char32_t code_point = 0; code_point < table_end; ++code_point) {
      letters[code_point] = describe_in_table(code_point);
    }
    return letters;
  }();
  return table;
}

}  // namespace khochung::text
